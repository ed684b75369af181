import type { TopLevelSpec } from 'vega-lite';
import type { Comparison } from '../records/schemas.ts';
import { logarithmicTicks } from './chart-axes.ts';
import { chartConfig, chartTitle, stepEncoding, variantEncoding, width } from './chart-encodings.ts';
import { renderChart } from './render-chart.ts';

const grey = '#777777';

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

interface Point {
  readonly variant: string;
  readonly seed: number;
  readonly step: number;
  readonly perplexity: number;
}

/**
 * The chart of a comparison as a Vega-Lite specification. Above: perplexity over steps, the mean over seeds as a line and
 * each seed as a point. Below, where variants were compared: their paired loss differences to the baseline with 95 %
 * intervals, because differences worth finding are too small to be seen above.
 */
export function perplexityChart(comparison: Comparison): TopLevelSpec {
  const seeds = comparison.seeds.length;
  const diverged = comparison.variants.some(({ runs }) => runs.some(({ status }) => status === 'diverged'));
  const compared = comparison.paired.some((result) => result.meanLossDifference !== null);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    padding: 16,
    background: 'white',
    title: chartTitle(`Validation perplexity on ${comparison.dataset}`, [
      `Line: mean of ${seeds} seed${seeds === 1 ? '' : 's'}; points: each seed; logarithmic scale`,
      ...(compared ? ['Below: paired loss difference to the baseline with its 95 % interval'] : []),
      ...(diverged ? ['A diverged run ends where it stopped; the mean is of those that are left'] : []),
    ]),
    config: chartConfig,
    spacing: 28,
    vconcat: compared ? [perplexityPanel(comparison), differencePanel(comparison)] : [perplexityPanel(comparison)],
  };
}

function perplexityPanel(comparison: Comparison): Panel {
  const points: Point[] = comparison.variants.flatMap(({ name, runs }) =>
    runs.flatMap(({ seed, evaluations }) =>
      evaluations.map(({ step, perplexity }) => ({ variant: name, seed, step, perplexity })),
    ),
  );
  const unigram = comparison.unigramPerplexity;
  const values = [...points.map(({ perplexity }) => perplexity), unigram];
  const margin = Math.max(1.01, (Math.max(...values) / Math.min(...values)) ** 0.04);
  const low = Math.min(...values) / margin;
  const high = Math.max(...values) * margin;
  const { color, strokeDash } = variantEncoding(comparison);
  const x = stepEncoding([0, ...comparison.checkpoints]);
  const y = {
    field: 'perplexity',
    type: 'quantitative' as const,
    title: 'perplexity',
    scale: { type: 'log' as const, nice: false, domain: [low, high] },
    axis: { format: '~s', values: logarithmicTicks(low, high) },
  };
  return {
    width,
    height: 360,
    layer: [
      {
        data: { values: [{ unigram }] },
        mark: { type: 'rule', strokeDash: [5, 4], color: grey },
        encoding: { y: { field: 'unigram', type: 'quantitative' } },
      },
      {
        data: { values: [{ unigram, label: `unigrams of the training split: ${formatPerplexity(unigram)}` }] },
        mark: { type: 'text', align: 'right', baseline: 'bottom', dy: -4, color: '#555555', fontSize: 12 },
        encoding: {
          x: { value: width },
          y: { field: 'unigram', type: 'quantitative' },
          text: { field: 'label', type: 'nominal' },
        },
      },
      {
        data: { values: points },
        mark: { type: 'point', filled: true, size: 28, opacity: 0.55 },
        encoding: { x, y, color },
      },
      {
        data: { values: points },
        mark: { type: 'line', strokeWidth: 2.2 },
        encoding: { x, y: { ...y, aggregate: 'mean' }, color, strokeDash },
      },
    ],
  };
}

function differencePanel(comparison: Comparison): Panel {
  const baseline = comparison.paired[0]?.baseline ?? '';
  const rows = comparison.paired.flatMap(({ variant, step, meanLossDifference: difference, ci95 }) =>
    difference === null
      ? []
      : [{ variant, step, difference, low: ci95?.[0] ?? difference, high: ci95?.[1] ?? difference }],
  );
  const { color, strokeDash } = variantEncoding(comparison);
  const x = stepEncoding([0, ...comparison.checkpoints]);
  const y = {
    field: 'difference',
    type: 'quantitative' as const,
    title: ['loss difference', `to ${baseline} (nats)`],
    axis: { tickCount: 5 },
  };
  return {
    width,
    height: 150,
    layer: [
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: 'rule', strokeDash: [5, 4], color: grey },
        encoding: { y: { field: 'zero', type: 'quantitative' } },
      },
      {
        data: { values: rows },
        mark: { type: 'rule', strokeWidth: 1.4 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
      },
      {
        data: { values: rows },
        mark: { type: 'line', strokeWidth: 2.2, point: { size: 36, filled: true } },
        encoding: { x, y, color, strokeDash },
      },
    ],
  };
}

/** Perplexity for people: fewer decimals where the number is large. */
export function formatPerplexity(value: number): string {
  if (value >= 1000) return value.toFixed(0);
  return value.toFixed(value >= 100 ? 1 : 2);
}

/** Draws the chart of a comparison as SVG text. */
export function renderPerplexityChart(comparison: Comparison): Promise<string> {
  return renderChart(perplexityChart(comparison));
}
