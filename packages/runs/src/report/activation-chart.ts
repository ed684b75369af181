import type { TopLevelSpec } from 'vega-lite';
import { activationMean } from '../records/activation-mean.ts';
import type { ActivationRecord } from '../records/schemas.ts';
import { chartConfig, chartTitle, stepEncoding } from './chart-encodings.ts';
import { renderChart } from './render-chart.ts';

/** Trainable parameters of the activations of one run, as it logged them. */
export interface ActivationRun {
  readonly variant: string;
  readonly seed: number;
  readonly records: readonly ActivationRecord[];
}

interface Point {
  readonly seed: number;
  readonly step: number;
  readonly layer: number;
  readonly value: number;
}

/** In pixels; two stand side by side. */
const panelWidth = 290;
const panelHeight = 190;

/**
 * How the activation parameters of one variant changed over training, as a Vega-Lite specification: a panel for each
 * parameter, in it a line for each layer, the mean over seeds, and a point for each seed. A parameter with one value per
 * channel is shown by the mean of them.
 * @param runs those of the variant
 * @returns undefined for a variant whose activations have no parameters
 */
export function activationChart(variant: string, runs: readonly ActivationRun[]): TopLevelSpec | undefined {
  const names = [...new Set(runs.flatMap(({ records }) => records.map(({ name }) => name)))];
  if (names.length === 0) return undefined;
  const records = runs.flatMap(({ records }) => records);
  const layers = [...new Set(records.map(({ layer }) => layer))].sort((a, b) => a - b);
  const isPerChannel = records.some(({ value }) => typeof value !== 'number');
  const seeds = runs.length;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    padding: 16,
    background: 'white',
    title: chartTitle(`Activation parameters of ${variant}`, [
      `Line: mean of ${seeds} seed${seeds === 1 ? '' : 's'}; points: each seed`,
      ...(isPerChannel ? ['Of a parameter with a value per channel: their mean'] : []),
    ]),
    config: chartConfig,
    columns: 2,
    spacing: 28,
    concat: names.map((name) => panel(name, pointsOf(name, runs), layers)),
  };
}

/** Draws it as SVG text. */
export async function renderActivationChart(
  variant: string,
  runs: readonly ActivationRun[],
): Promise<string | undefined> {
  const chart = activationChart(variant, runs);
  return chart === undefined ? undefined : renderChart(chart);
}

function pointsOf(name: string, runs: readonly ActivationRun[]): Point[] {
  return runs.flatMap(({ seed, records }) =>
    records
      .filter((record) => record.name === name)
      .map((record) => ({ seed, step: record.step, layer: record.layer, value: activationMean(record) })),
  );
}

function panel(name: string, points: readonly Point[], layers: readonly number[]) {
  const steps = [...new Set(points.map(({ step }) => step))].sort((a, b) => a - b);
  const x = stepEncoding(steps, panelWidth);
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    title: name,
    scale: { zero: false, nice: true },
    axis: { tickCount: 5 },
  };
  const color = {
    field: 'layer',
    type: 'ordinal' as const,
    // From the first layer, dark, to the last; the lightest yellow is left out, which hardly shows on white.
    scale: { domain: [...layers], scheme: { name: 'viridis' as const, extent: [0, 0.85] } },
    legend: { title: 'layer', orient: 'right' as const, symbolType: 'stroke', symbolStrokeWidth: 3, symbolOpacity: 1 },
  };
  const data = { values: [...points] };
  return {
    width: panelWidth,
    height: panelHeight,
    layer: [
      { data, mark: { type: 'point' as const, filled: true, size: 22, opacity: 0.45 }, encoding: { x, y, color } },
      {
        data,
        mark: { type: 'line' as const, strokeWidth: 2 },
        encoding: { x, y: { ...y, aggregate: 'mean' as const }, color },
      },
    ],
  };
}
