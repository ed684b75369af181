import type { SampleRecord } from '../records/schemas.ts';
import { escapeHtml, tableOf } from './html.ts';

/** The texts that one run wrote while it learned. */
export interface SampledRun {
  readonly variant: string;
  readonly seed: number;
  readonly records: readonly SampleRecord[];
}

/** The first run of every variant that wrote something. */
export function shownSamples(runs: readonly SampledRun[]): SampledRun[] {
  const wrote = runs.filter(({ records }) => records.length > 0);
  return wrote.filter(({ variant }, index) => wrote.findIndex((run) => run.variant === variant) === index);
}

/** The prompt and what followed, on one line. */
export function sampleLine({ prompt, text }: SampleRecord): string {
  return `${prompt}${text}`.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** A section of the report; empty without samples. */
export function sampleSection(runs: readonly SampledRun[]): string {
  const tables = shownSamples(runs).map(({ variant, seed, records }) => {
    const rows = records.map((record) => {
      const step = record.step.toLocaleString('en');
      return `<tr><td class="number">${step}</td><td class="text">${escapeHtml(sampleLine(record))}</td></tr>`;
    });
    const head = `${escapeHtml(variant)}, seed ${seed}`;
    return tableOf(['<th scope="col" class="number">step</th>', `<th scope="col">${head}</th>`], rows);
  });
  return tables.length === 0 ? '' : ['<h2>What the models wrote</h2>', ...tables].join('\n');
}
