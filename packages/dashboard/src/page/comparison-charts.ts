import { type Comparison, differenceUnit } from '@dynact/runs/records';
import type { Axis, ComparisonRow, LiveComparison } from '../protocol.ts';
import { type ChartModel, type Curve, positions } from './curves.ts';
import { seriesName } from './format.ts';
import { kept } from './kept.ts';
import { meanCurve, type SeedCurve } from './mean-curve.ts';
import { activationLayers, curve, flopsPerToken, model, type Source, seriesOf } from './models.ts';
import type { Points } from './points.ts';

/** Charts of a comparison: each variant's mean in bold with its 95 % interval, its seeds thin; the paired differences second. */
export function comparisonCharts(source: Source, row: ComparisonRow, live: LiveComparison | undefined): ChartModel[] {
  const runs = row.runs.map(({ id }) => id);
  const metric = live?.comparison.metric.name ?? 'perplexity';
  const main = `validation/${metric}`;
  const names = seriesOf(source, runs).sort((a, b) => Number(b === main) - Number(a === main));
  const charts = names.map((series) => {
    const curves = () => row.variants.flatMap((variant, tone) => variantCurves(source, row, variant, series, tone));
    const note = 'bold: mean over seeds with its 95 % interval';
    return model(source, runs, { key: series, title: seriesName(series), note, curves }, series);
  });
  const activations = row.variants.flatMap((variant) => activationCharts(source, row, variant));
  const differences = live === undefined ? [] : differenceChart(source, row, live);
  return [...charts.slice(0, 1), ...differences, ...charts.slice(1), ...activations];
}

const seedCurve = kept((curve: Curve, isOver: boolean): SeedCurve => ({ curve, isOver }));
const meanOf = kept((first: SeedCurve, label: string, tone: number, ...others: readonly SeedCurve[]) =>
  meanCurve([first, ...others], { label, tone }),
);
const alone = kept((curve: Curve, label: string): Curve => ({ ...curve, label, weight: 'normal' }));
/** The extremes of each seed would hide the means. */
const withoutExtremes = kept(({ low: _, high: __, ...rest }: Curve): Curve => ({ ...rest, isDotted: false }));

function seedCurves(source: Source, row: ComparisonRow, variant: string, series: string, tone: number): SeedCurve[] {
  return row.runs
    .filter((run) => run.variant === variant)
    .flatMap(({ id, seed }) => {
      const state = source.known.runs.get(id)?.state;
      const look = { label: `${variant} seed ${seed}`, tone, weight: 'thin' } as const;
      const isOver = state === 'finished' || state === 'diverged';
      return curve(source, id, series, look).map((thin) => seedCurve(thin, isOver));
    });
}

function variantCurves(source: Source, row: ComparisonRow, variant: string, series: string, tone: number): Curve[] {
  const [first, ...others] = seedCurves(source, row, variant, series, tone);
  if (first === undefined) return [];
  if (others.length === 0) return [alone(first.curve, variant)];
  const thin = [first, ...others].map(({ curve }) => withoutExtremes(curve));
  return [...thin, meanOf(first, `${variant} mean`, tone, ...others)];
}

function activationCharts(source: Source, row: ComparisonRow, variant: string): ChartModel[] {
  const runs = row.runs.filter((run) => run.variant === variant).map(({ id }) => id);
  return [...activationLayers(source, runs)].map(([name, layers]) => {
    const seriesAt = (layer: number) => `activation/${name}/${layer}`;
    const curves = () =>
      layers.flatMap((layer, tone) => {
        const [first, ...others] = seedCurves(source, row, variant, seriesAt(layer), tone);
        return first === undefined ? [] : [meanOf(first, `layer ${layer}`, tone, ...others)];
      });
    const [title, note] = [`${variant}: ${name} by layer`, 'mean over seeds with its 95 % interval'];
    return model(source, runs, { key: `${variant}/${name}`, title, note, curves }, ...layers.map(seriesAt));
  });
}

/** The paired differences to the baseline, with their intervals, as the comparison has them. */
function differenceChart({ known, state }: Source, row: ComparisonRow, { comparison }: LiveComparison): ChartModel[] {
  // The baseline says where each step lies on the axis.
  const reference = row.runs.find(({ variant }) => variant === row.baseline)?.id ?? '';
  const points = known.data.get(reference)?.series.get('validation/loss');
  const lines = differenceCurves(comparison, row, points, state.axis, flopsPerToken(known, reference));
  if (lines.length === 0) return [];
  const { metric } = comparison;
  const measure = metric.scale === 'exponential' ? 'loss' : metric.name;
  const unit = differenceUnit(metric);
  const title = `paired ${measure} difference to ${row.baseline}${unit === '' ? '' : ` (${unit})`}`;
  const note = 'with its 95 % interval';
  return [{ key: 'paired', title, note, isKnown: true, curves: () => lines, isExponential: false }];
}

/** A line for each variant but the baseline, and one at no difference; none before the first evaluation. */
const differenceCurves = kept(
  (
    { paired, evaluationSteps }: Comparison,
    row: ComparisonRow,
    points: Points | undefined,
    axis: Axis,
    flopsPerToken: number | null,
  ): readonly Curve[] => {
    const x = points === undefined ? null : positions(points, axis, flopsPerToken);
    const place = (step: number) => (axis === 'step' ? step : x?.[points?.step.indexOf(step) ?? -1]);
    const names = row.variants.filter((name) => name !== row.baseline);
    const curves = names.map((variant): Curve => {
      const results = paired.flatMap((result) => {
        const x = place(result.step);
        const { meanDifference: mean, ci95, step } = result;
        return result.variant !== variant || mean === null || x === undefined ? [] : [{ x, step, mean, ci95 }];
      });
      return {
        label: `${variant} − ${row.baseline}`,
        tone: row.variants.indexOf(variant),
        weight: 'normal',
        steps: results.map(({ step }) => step),
        x: results.map(({ x }) => x),
        y: results.map(({ mean }) => mean),
        low: results.map(({ mean, ci95 }) => ci95?.[0] ?? mean),
        high: results.map(({ mean, ci95 }) => ci95?.[1] ?? mean),
        around: 'bars',
        isDotted: true,
      };
    });
    if (curves.every(({ x }) => x.length === 0)) return [];
    const ends = [place(0) ?? 0, place(evaluationSteps.at(-1)!) ?? curves[0]!.x.at(-1)!];
    const zero: Curve = {
      label: 'no difference',
      tone: 8,
      weight: 'thin',
      steps: [0, evaluationSteps.at(-1)!],
      x: ends,
      y: [0, 0],
    };
    return [...curves, zero];
  },
);
