import {
  type Comparison,
  fixed,
  formatP,
  formatValue,
  holmPValue,
  lastPaired,
  meanAndHalfInterval,
  pairedComparison,
  verdictSentence,
} from '@dynact/runs/records';
import type { Comparisons } from './study.ts';

/** The metric of a variant's runs at the last step; runs that diverged have none. */
export function finalValues(comparison: Comparison, variant: string): number[] {
  return [...finalValuesBySeed(comparison, variant).values()];
}

/** Final values by seed; a run that diverged has none. */
export function finalValuesBySeed({ variants, metric, steps }: Comparison, variant: string): Map<number, number> {
  const runs = variants.find(({ name }) => name === variant)?.runs ?? [];
  return new Map(
    runs.flatMap(({ seed, evaluations }) => {
      const value = evaluations.find(({ step }) => step === steps)?.metrics[metric.name];
      return value === undefined ? [] : [[seed, value] as const];
    }),
  );
}

/** `1.57 (-0.20 to 3.34)`: mean difference of a variant's values from the baseline's of the same seed, and its 95 % interval. */
export function pairedDifference(
  baseline: ReadonlyMap<number, number>,
  variant: ReadonlyMap<number, number>,
  decimals: number,
): string {
  const { meanDifference, ci95 } = pairedComparison(baseline, variant);
  if (meanDifference === null) return '–';
  const mean = fixed(meanDifference, decimals);
  return ci95 === null ? mean : `${mean} (${ci95.map((end) => fixed(end, decimals)).join(' to ')})`;
}

/** `97.10 ± 0.22 (n = 6)`: mean and half of its 95 % Student-t interval. */
export function meanWithInterval(comparison: Comparison, variant: string): string {
  return withInterval(finalValues(comparison, variant), (value) => formatValue(comparison.metric, value));
}

export function withInterval(values: readonly number[], format: (value: number) => string): string {
  const summary = meanAndHalfInterval(values);
  if (summary === null) return 'diverged';
  const { mean, half } = summary;
  if (half === null) return `${format(mean)} (n = 1)`;
  return `${format(mean)} ± ${format(half)} (n = ${values.length})`;
}

/** A Markdown table. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** Means at the last step, a row a variant and a column a part, and every difference to the baseline. */
export function comparisonsTable(comparisons: Comparisons): string {
  const found = [...comparisons.values()];
  const [first] = found;
  if (first === undefined) return '';
  const { metric } = first;
  const unit = metric.unit === '' ? '' : ` (${metric.unit})`;
  const means = markdownTable(
    [`${metric.name}${unit}, mean ± 95 % interval`, ...comparisons.keys()],
    first.variants.map(({ name }) => [name, ...found.map((comparison) => meanWithInterval(comparison, name))]),
  );
  return `${means}\n\n${pairedTable(comparisons)}`;
}

/** Every variant against the baseline of its part, seed by seed, with Holm's correction within a part. */
export function pairedTable(comparisons: Comparisons): string {
  const rows = [...comparisons].flatMap(([part, comparison]) =>
    lastPaired(comparison).map((result) => {
      const { variant, baseline, n, meanDifference, ci95, pValue } = result;
      const interval = ci95 === null ? '–' : `${fixed(ci95[0], 3)} to ${fixed(ci95[1], 3)}`;
      const difference = meanDifference === null ? '–' : fixed(meanDifference, 3);
      return [
        part,
        `${variant} − ${baseline}`,
        ...[`${n}`, difference, interval, formatP(pValue), formatP(holmPValue(comparison, result))],
      ];
    }),
  );
  if (rows.length === 0) return '';
  return markdownTable(['part', 'difference', 'seeds', 'mean', '95 % interval', 'p', 'p (Holm)'], rows);
}

/** The verdict of every variant of every part, a line each. */
export function verdictLines(comparisons: Comparisons): string {
  const lines = [...comparisons].flatMap(([part, comparison]) =>
    lastPaired(comparison).map((result) => `- ${part}: ${verdictSentence(comparison, result)}`),
  );
  return lines.join('\n');
}
