import { formatValue, perplexity } from '../records/metric.ts';
import type { Comparison } from '../records/schemas.ts';
import { lastPaired, verdictSentence } from '../records/verdict-sentence.ts';
import { type ActivationRun, renderActivationChart } from './activation-chart.ts';
import { variantColors } from './chart-encodings.ts';
import { renderComparisonChart } from './comparison-chart.ts';
import { escapeHtml, htmlTable, tableOf } from './html.ts';
import { type SampledRun, sampleSection } from './samples.ts';
import { evaluationTable, pairedTable, variantTable } from './tables.ts';

/** Things shown beside comparison.json: they depend on the machine, so they are not part of the result. */
export interface ReportExtras {
  /** How it was made, in words: the settings that matter, the command, the date, versions, machine. */
  readonly facts?: readonly (readonly [name: string, text: string])[];
  /** Everything that decides the result, as JSON. */
  readonly configuration?: unknown;
  /** Mean training speed by variant, in tokens a second. */
  readonly throughput?: ReadonlyMap<string, number>;
  /** The activation parameters that every run logged. */
  readonly activations?: readonly ActivationRun[];
  /** The text that every run wrote while it learned. */
  readonly samples?: readonly SampledRun[];
  /** Sentences on what a reader must know before believing the result. */
  readonly notes?: readonly string[];
}

/** The report of a comparison: one HTML page that needs no other file. */
export async function renderReport(comparison: Comparison, extras: ReportExtras = {}): Promise<string> {
  const { metric, unigramPerplexity } = comparison;
  const colors = variantColors(comparison);
  const chart = await renderComparisonChart(comparison);
  const verdicts = lastPaired(comparison).map((result) => `<p>${escapeHtml(verdictSentence(comparison, result))}</p>`);
  const notes = (extras.notes ?? []).map((note) => `<p>${escapeHtml(note)}</p>`);
  const facts = [
    `${comparison.steps.toLocaleString('en')} steps`,
    `${comparison.seeds.length === 1 ? 'seed' : 'seeds'} ${comparison.seeds.join(', ')}`,
    ...(unigramPerplexity === undefined ? [] : [`unigram perplexity ${formatValue(perplexity, unigramPerplexity)}`]),
  ];
  const unigrams =
    unigramPerplexity === undefined
      ? ''
      : 'Unigram perplexity: the validation split under the token frequencies of the training split.\n';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(comparison.variants.map(({ name }) => name).join(', '))} on ${escapeHtml(comparison.dataset)}</title>
<style>${style}</style>
</head>
<body>
<h1>Variants on ${escapeHtml(comparison.dataset)}</h1>
<p class="facts">${facts.map(escapeHtml).join(' · ')}</p>
<section class="verdict">${verdicts.length === 0 ? '<p>One variant: nothing to compare.</p>' : verdicts.join('\n')}${notes.join('\n')}</section>
<figure>${chart}</figure>
<h2>Validation ${metric.name} at the evaluation steps</h2>
<p>Each run, and the mean ± standard deviation over the seeds. ${metric.lowerIsBetter ? 'Lower' : 'Higher'} is better; the best mean of a step is bold.
A mean that lacks diverged runs says so and is never bold.</p>
${htmlTable(evaluationTable(comparison), colors)}
<h2>Paired differences</h2>
<p>Each variant against the baseline, seed by seed: the mean of the differences (variant − baseline) with its 95 %
Student-t interval, and the exact two-sided sign-flip p-value.</p>
${htmlTable(pairedTable(comparison), colors)}
<h2>Variants</h2>
${htmlTable(variantTable(comparison, extras.throughput ?? new Map()), colors)}
${await activationSection(comparison, extras.activations ?? [])}
${sampleSection(extras.samples ?? [])}
${factsSection(extras)}
<p class="note">${unigrams}A win is claimed only when the interval excludes 0 and p ≤ 0.05, from at least 6 seeds.</p>
</body>
</html>
`;
}

async function activationSection(comparison: Comparison, runs: readonly ActivationRun[]): Promise<string> {
  const charts = comparison.variants.map(({ name }) =>
    renderActivationChart(
      name,
      runs.filter(({ variant }) => variant === name),
    ),
  );
  const drawn = (await Promise.all(charts)).filter((chart) => chart !== undefined);
  if (drawn.length === 0) return '';
  return `<h2>Activation parameters over training</h2>\n${drawn.map((chart) => `<figure>${chart}</figure>`).join('\n')}`;
}

function factsSection({ facts = [], configuration }: ReportExtras): string {
  if (facts.length === 0) return '';
  const rows = facts.map(([name, text]) => {
    return `<tr><th scope="row">${escapeHtml(name)}</th><td class="text">${escapeHtml(text)}</td></tr>`;
  });
  const whole = `<pre>${escapeHtml(JSON.stringify(configuration, null, 2))}</pre>`;
  return `<h2>How this was made</h2>
${tableOf(['<th scope="col">what</th>', '<th scope="col">which</th>'], rows)}
${configuration === undefined ? '' : `<details><summary>Every setting</summary>${whole}</details>`}`;
}

const style = `
:root { color: #222; background: #fff; font: 15px/1.5 Helvetica, Arial, "DejaVu Sans", sans-serif; }
body { max-width: 66rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.25rem; }
p { margin: 0.4rem 0; }
.facts, .note { color: #595959; }
.verdict { margin: 1rem 0; padding: 0.5rem 1rem; border-left: 4px solid #0072B2; background: #f3f7fa; font-size: 1.05rem; }
figure { margin: 1rem 0; }
figure svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.6rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.6rem; text-align: left; border-bottom: 1px solid #ddd; white-space: nowrap; }
thead th { border-bottom: 2px solid #888; font-weight: 600; }
tbody th { font-weight: 500; }
.number { text-align: right; }
.text { white-space: normal; }
.swatch { display: inline-block; width: 0.8rem; height: 0.8rem; margin-right: 0.5rem; border-radius: 2px; }
`;
