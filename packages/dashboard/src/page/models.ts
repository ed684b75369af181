import { differenceUnit } from '@dynact/runs/records';
import type { ComparisonRow, LiveComparison } from '../protocol.ts';
import { type ChartModel, type Curve, curveOf } from './curves.ts';
import type { Known, RunData } from './feed.ts';
import { seriesName } from './format.ts';
import type { PageState } from './hash.ts';
import { meanCurve } from './mean-curve.ts';
import { refined } from './points.ts';

/** Runs' curves, as the state of the page wants them. */
export interface Source {
  readonly known: Known;
  readonly zoomed: ReadonlyMap<string, RunData>;
  readonly state: PageState;
}

/** The order of charts; others follow by name. */
const order = ['validation', 'train/loss', 'train/gradientNorm', 'train/learningRate', 'train/tokensPerSecond'];

function rank(series: string): number {
  const place = order.findIndex((prefix) => series.startsWith(prefix));
  return place < 0 ? order.length : place;
}

/** All series of some runs but those of activations, in the order of their charts. */
function seriesOf({ known }: Source, runs: readonly string[]): string[] {
  const names = new Set(runs.flatMap((run) => [...(known.data.get(run)?.series.keys() ?? [])]));
  return [...names]
    .filter((name) => !name.startsWith('activation/'))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function curve(
  { known, zoomed, state }: Source,
  run: string,
  series: string,
  look: Pick<Curve, 'label' | 'tone' | 'weight'>,
): Curve[] {
  const points = known.data.get(run)?.series.get(series);
  if (points === undefined) return [];
  const fine = state.zoom === null ? points : refined(points, zoomed.get(run)?.series.get(series));
  const flopsPerToken = known.runs.get(run)?.flopsPerToken ?? null;
  const smoothing = series.startsWith('train/') ? state.smoothing : 0;
  const drawn = curveOf(fine, { axis: state.axis, flopsPerToken, smoothing }, look);
  return drawn === undefined ? [] : [drawn];
}

function model(key: string, title: string, curves: readonly Curve[], note?: string): ChartModel {
  const isPositive = curves.every(({ y }) => y.every((value) => value > 0));
  const isExponential = /\/perplexity$/.test(key);
  return { key, title, curves, isPositive, isExponential, ...(note === undefined ? {} : { note }) };
}

/** Layers of each trainable parameter of activations, by the parameter's name. */
function activationLayers({ known }: Source, runs: readonly string[]): Map<string, number[]> {
  const layers = new Map<string, Set<number>>();
  for (const run of runs) {
    for (const series of known.data.get(run)?.series.keys() ?? []) {
      const [, name, layer] = /^activation\/(.*)\/(\d+)$/.exec(series) ?? [];
      if (name !== undefined) layers.set(name, (layers.get(name) ?? new Set()).add(Number(layer)));
    }
  }
  return new Map([...layers].map(([name, numbers]) => [name, [...numbers].sort((a, b) => a - b)]));
}

/** Charts of one run: the losses together, every other series alone, and the activations' parameters by layer. */
export function runCharts(source: Source, run: string): ChartModel[] {
  const names = seriesOf(source, [run]);
  const isLoss = (name: string) => /^(train|validation|test)\/loss$/.test(name);
  const look = { tone: 0, weight: 'normal' } as const;
  const losses = names
    .filter(isLoss)
    .sort()
    .flatMap((name, index) => curve(source, run, name, { label: seriesName(name), tone: index, weight: 'normal' }));
  const others = names.filter((name) => !isLoss(name));
  return [
    ...(losses.length === 0 ? [] : [model('loss', 'loss (nats per token)', losses)]),
    ...others.map((name) =>
      model(name, seriesName(name), curve(source, run, name, { label: seriesName(name), ...look })),
    ),
    ...[...activationLayers(source, [run])].map(([name, layers]) => {
      const curves = layers.flatMap((layer, index) =>
        curve(source, run, `activation/${name}/${layer}`, { label: `layer ${layer}`, tone: index, weight: 'normal' }),
      );
      return model(`activation/${name}`, `${name} by layer`, curves);
    }),
  ];
}

/** Charts of any runs, one for each series with a line for each run. */
export function overlayCharts(source: Source, runs: readonly string[]): ChartModel[] {
  return seriesOf(source, runs).map((series) => {
    const curves = runs.flatMap((run, tone) => {
      const label = source.known.runs.get(run)?.name ?? run;
      return curve(source, run, series, { label, tone, weight: 'normal' });
    });
    return model(series, seriesName(series), curves);
  });
}

/** Charts of a comparison: each variant's mean in bold with its 95 % interval, its seeds thin; the paired differences second. */
export function comparisonCharts(source: Source, row: ComparisonRow, live: LiveComparison | undefined): ChartModel[] {
  const runs = row.runs.map(({ id }) => id);
  const metric = live?.comparison.metric.name ?? 'perplexity';
  const main = `validation/${metric}`;
  const names = seriesOf(source, runs).sort((a, b) => Number(b === main) - Number(a === main));
  const charts = names.map((series) => {
    const curves = row.variants.flatMap((variant, tone) => variantCurves(source, row, variant, series, tone));
    return model(series, seriesName(series), curves, 'bold: mean over seeds with its 95 % interval');
  });
  const activations = row.variants.flatMap((variant) => activationCharts(source, row, variant));
  const differences = live === undefined ? [] : differenceChart(source, row, live);
  return [...charts.slice(0, 1), ...differences, ...charts.slice(1), ...activations];
}

function variantCurves(source: Source, row: ComparisonRow, variant: string, series: string, tone: number): Curve[] {
  const seeds = row.runs
    .filter((run) => run.variant === variant)
    .flatMap(({ id, seed }) => {
      const look = { label: `${variant} seed ${seed}`, tone, weight: 'thin' } as const;
      return curve(source, id, series, look).map((thin) => ({ curve: thin, isOver: isOver(source, id) }));
    });
  if (seeds.length === 0) return [];
  if (seeds.length === 1) return [{ ...seeds[0]!.curve, label: variant, weight: 'normal' }];
  // The extremes of each seed would hide the means.
  const thin = seeds.map(({ curve: { low: _, high: __, ...rest } }) => ({ ...rest, isDotted: false }));
  return [...thin, meanCurve(seeds, { label: `${variant} mean`, tone })];
}

function activationCharts(source: Source, row: ComparisonRow, variant: string): ChartModel[] {
  const runs = row.runs.filter((run) => run.variant === variant);
  const layers = activationLayers(
    source,
    runs.map(({ id }) => id),
  );
  return [...layers].map(([name, numbers]) => {
    const curves = numbers.flatMap((layer, tone) => {
      const look = { label: `layer ${layer}`, tone, weight: 'normal' } as const;
      const seeds = runs.flatMap(({ id }) =>
        curve(source, id, `activation/${name}/${layer}`, look).map((each) => ({
          curve: each,
          isOver: isOver(source, id),
        })),
      );
      return seeds.length === 0 ? [] : [meanCurve(seeds, look)];
    });
    return model(
      `${variant}/${name}`,
      `${variant}: ${name} by layer`,
      curves,
      'mean over seeds with its 95 % interval',
    );
  });
}

function isOver({ known }: Source, run: string): boolean {
  const state = known.runs.get(run)?.state;
  return state === 'finished' || state === 'diverged';
}

/** The paired differences to the baseline, with their intervals, as the comparison has them. */
function differenceChart({ known, state }: Source, row: ComparisonRow, { comparison }: LiveComparison): ChartModel[] {
  const { metric, paired, evaluationSteps } = comparison;
  // Of the baseline, where each step lies on the axis.
  const measure = metric.scale === 'exponential' ? 'loss' : metric.name;
  const reference = row.runs.find(({ variant }) => variant === row.baseline);
  const points = reference === undefined ? undefined : known.data.get(reference.id)?.series.get('validation/loss');
  const flopsPerToken = reference === undefined ? null : (known.runs.get(reference.id)?.flopsPerToken ?? null);
  const look = { label: '', tone: 0, weight: 'normal' } as const;
  const axis =
    points === undefined ? undefined : curveOf(points, { axis: state.axis, flopsPerToken, smoothing: 0 }, look);
  const place = (step: number) => {
    if (state.axis === 'step') return step;
    return axis?.x[axis.steps.indexOf(step)];
  };
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
  const unit = differenceUnit(metric);
  const title = `paired ${measure} difference to ${row.baseline}${unit === '' ? '' : ` (${unit})`}`;
  return [
    {
      key: 'paired',
      title,
      note: 'with its 95 % interval',
      curves: [...curves, zero],
      isPositive: false,
      isExponential: false,
    },
  ];
}
