import { type ChartModel, type Curve, curveOf } from './curves.ts';
import type { Known, RunData } from './feed.ts';
import { seriesName } from './format.ts';
import type { PageState } from './hash.ts';
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
export function seriesOf({ known }: Source, runs: readonly string[]): string[] {
  const names = new Set(runs.flatMap((run) => [...(known.data.get(run)?.series.keys() ?? [])]));
  return [...names]
    .filter((name) => !name.startsWith('activation/'))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

export function curve(
  { known, zoomed, state }: Source,
  run: string,
  series: string,
  { label, tone, weight }: Pick<Curve, 'label' | 'tone' | 'weight'>,
): Curve[] {
  const points = known.data.get(run)?.series.get(series);
  if (points === undefined) return [];
  const fine = state.zoom === null ? points : refined(points, zoomed.get(run)?.series.get(series));
  const smoothing = series.startsWith('train/') ? state.smoothing : 0;
  const drawn = curveOf(fine, state.axis, flopsPerToken(known, run), smoothing, label, tone, weight);
  return drawn === undefined ? [] : [drawn];
}

export function flopsPerToken(known: Known, run: string): number | null {
  return known.runs.get(run)?.flopsPerToken ?? null;
}

/** A chart of one or more series of some runs. */
export function model(
  { known, state }: Source,
  runs: readonly string[],
  chart: Pick<ChartModel, 'key' | 'title' | 'note' | 'curves'>,
  ...series: readonly string[]
): ChartModel {
  const isKnown = runs.some((run) => {
    const isPlaced = state.axis !== 'flops' || flopsPerToken(known, run) !== null;
    return isPlaced && series.some((name) => known.data.get(run)?.series.has(name));
  });
  return { ...chart, isKnown, isExponential: /\/perplexity$/.test(chart.key) };
}

/** Layers of each trainable parameter of activations, by the parameter's name. */
export function activationLayers({ known }: Source, runs: readonly string[]): Map<string, number[]> {
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
  const losses = names.filter(isLoss).sort();
  const others = names.filter((name) => !isLoss(name));
  /** A chart with a line for each series. */
  const chartOf = (key: string, title: string, lines: readonly (readonly [series: string, label: string])[]) => {
    const curves = () =>
      lines.flatMap(([series, label], tone) => curve(source, run, series, { label, tone, weight: 'normal' }));
    return model(source, [run], { key, title, curves }, ...lines.map(([series]) => series));
  };
  const named = (series: string) => [series, seriesName(series)] as const;
  return [
    ...(losses.length === 0 ? [] : [chartOf('loss', 'loss (nats per token)', losses.map(named))]),
    ...others.map((name) => chartOf(name, seriesName(name), [named(name)])),
    ...[...activationLayers(source, [run])].map(([name, layers]) => {
      const lines = layers.map((layer) => [`activation/${name}/${layer}`, `layer ${layer}`] as const);
      return chartOf(`activation/${name}`, `${name} by layer`, lines);
    }),
  ];
}

/** Charts of any runs, one for each series with a line for each run. */
export function overlayCharts(source: Source, runs: readonly string[]): ChartModel[] {
  return seriesOf(source, runs).map((series) => {
    const curves = () =>
      runs.flatMap((run, tone) => {
        const label = source.known.runs.get(run)?.name ?? run;
        return curve(source, run, series, { label, tone, weight: 'normal' });
      });
    return model(source, runs, { key: series, title: seriesName(series), curves }, series);
  });
}
