import { differenceUnit, fixed, formatP, formatValue, metricWords, percent } from '../records/metric.ts';
import type { Comparison, ComparisonRun, ComparisonVariant, EvaluationPoint } from '../records/schemas.ts';
import { meanAndDeviation } from '../records/statistics.ts';
import { divergedRuns } from '../records/verdict-sentence.ts';

/** A cell: its text, and whether it is the best of its column. */
interface Cell {
  readonly text: string;
  readonly isBest?: boolean;
}

/** A row; the first cell names it, the others are numbers. */
interface Row {
  /** The variant that it is about. */
  readonly variant: string;
  readonly cells: readonly Cell[];
}

/** A table before it is text or HTML. */
export interface Table {
  readonly heads: readonly string[];
  readonly rows: readonly Row[];
}

/**
 * The metric at every step: each run, the mean and the standard deviation of each variant, and the means of the other
 * figures. A mean that lacks diverged runs says so and is never the best; nor is one of a tie, as at step 0.
 */
export function evaluationTable(comparison: Comparison): Table {
  const steps = evaluatedSteps(comparison);
  const best = new Map(steps.map((step) => [step, bestVariant(comparison, step)]));
  const rows = comparison.variants.flatMap((variant): Row[] => {
    const row = (label: string, cell: (step: number) => Cell): Row => ({
      variant: variant.name,
      cells: [{ text: `${variant.name} ${label}` }, ...steps.map(cell)],
    });
    return [
      ...variant.runs.map((run) =>
        row(`seed ${run.seed}${run.status === 'diverged' ? ' (diverged)' : ''}`, (step) => ({
          text: runText(comparison, run, step),
        })),
      ),
      row('mean', (step) => ({ text: meanText(comparison, variant, step), isBest: best.get(step) === variant })),
      ...otherMetrics(comparison).map((name) =>
        row(metricWords(name), (step) => ({ text: meanAt(variant, step, name)?.mean.toFixed(3) ?? '–' })),
      ),
    ];
  });
  return { heads: ['', ...steps.map((step) => `step ${step}`)], rows };
}

/** Each variant against the baseline at each evaluation step. */
export function pairedTable({ metric, paired }: Comparison): Table {
  const isShare = metric.scale === 'exponential';
  const unit = differenceUnit(metric);
  const measure = `${isShare ? 'loss' : metric.name} difference${unit === '' ? '' : ` (${unit})`}`;
  const figure = (value: number) => fixed(value, 4);
  const rows = paired.map(({ variant, baseline, step, n, meanDifference, ci95, pValue, relativeReduction }) => {
    const texts = [
      `${variant} - ${baseline}`,
      `${step}`,
      `${n}`,
      meanDifference === null ? '–' : figure(meanDifference),
      ci95 === null ? '–' : `${figure(ci95[0])} to ${figure(ci95[1])}`,
      formatP(pValue),
      ...(isShare ? [relativeReduction === null ? '–' : percent(relativeReduction)] : []),
    ];
    return { variant, cells: texts.map((text) => ({ text })) };
  });
  const share = isShare ? [`${metric.name} reduction`] : [];
  return { heads: [measure, 'step', 'seeds', 'mean', '95 % interval', 'p', ...share], rows };
}

/**
 * Size and speed of every variant.
 * @param throughput mean tokens a second by variant
 */
export function variantTable(comparison: Comparison, throughput: ReadonlyMap<string, number>): Table {
  const rows = comparison.variants.map(({ name, parameters, flopsPerToken, runs }) => {
    const speed = throughput.get(name);
    const texts = [
      name,
      parameters.toLocaleString('en'),
      `${(flopsPerToken / 1e6).toFixed(2)} M`,
      speed === undefined ? '–' : Math.round(speed).toLocaleString('en'),
      `${runs.length - divergedRuns(comparison, name)} of ${runs.length}`,
    ];
    return { variant: name, cells: texts.map((text) => ({ text })) };
  });
  return { heads: ['variant', 'parameters', 'training FLOPs a token', 'tokens a second', 'finished runs'], rows };
}

/** Every step at which any run was evaluated, in order. */
function evaluatedSteps(comparison: Comparison): number[] {
  const steps = points(comparison.variants).map(({ step }) => step);
  return [...new Set(steps)].sort((a, b) => a - b);
}

function points(variants: readonly ComparisonVariant[]): EvaluationPoint[] {
  return variants.flatMap(({ runs }) => runs.flatMap(({ evaluations }) => evaluations));
}

/** Figures beside the metric, in the order of their appearance. */
function otherMetrics({ variants, metric }: Comparison): string[] {
  const names = points(variants).flatMap(({ metrics }) => Object.keys(metrics));
  return [...new Set(names)].filter((name) => name !== metric.name);
}

function runText({ metric }: Comparison, run: ComparisonRun, step: number): string {
  const value = run.evaluations.find((point) => point.step === step)?.metrics[metric.name];
  return value === undefined ? '–' : formatValue(metric, value);
}

function meanText({ metric, seeds }: Comparison, variant: ComparisonVariant, step: number): string {
  const summary = meanAt(variant, step, metric.name);
  if (summary === null) return '–';
  const { mean, deviation, count } = summary;
  const spread = deviation === null ? '' : ` ±${formatValue(metric, deviation)}`;
  const lacking = count < seeds.length ? ` (${count} of ${seeds.length})` : '';
  return `${formatValue(metric, mean)}${spread}${lacking}`;
}

function meanAt(variant: ComparisonVariant, step: number, name: string) {
  const values = points([variant])
    .filter((point) => point.step === step)
    .flatMap(({ metrics }) => metrics[name] ?? []);
  const summary = meanAndDeviation(values);
  return summary === null ? null : { ...summary, count: values.length };
}

/** The variant whose mean is the best of a step; undefined for a tie. The mean of divergence's survivors would flatter. */
function bestVariant({ variants, metric, seeds }: Comparison, step: number): ComparisonVariant | undefined {
  const means = variants.flatMap((variant) => {
    const summary = meanAt(variant, step, metric.name);
    return summary === null || summary.count < seeds.length ? [] : [{ variant, mean: summary.mean }];
  });
  means.sort((a, b) => (metric.lowerIsBetter ? a.mean - b.mean : b.mean - a.mean));
  const [first, second] = means;
  return variants.length > 1 && first?.mean !== second?.mean ? first?.variant : undefined;
}
