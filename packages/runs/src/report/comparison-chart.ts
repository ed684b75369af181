import type { TopLevelSpec } from 'vega-lite';
import { comparedName, differenceUnit, formatValue, type Metric } from '../records/metric.ts';
import type { Comparison } from '../records/schemas.ts';
import { hasDiverged } from '../records/verdict-sentence.ts';
import { logarithmicDomain, logarithmicTicks } from './chart-axes.ts';
import { chartConfig, chartTitle, stepEncoding, variantEncoding, width } from './chart-encodings.ts';
import { differenceRows } from './difference-rows.ts';
import { renderChart } from './render-chart.ts';

const grey = '#777777';

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

/**
 * The chart of a comparison as a Vega-Lite specification. Above: the metric over steps, the mean over seeds as a line and
 * each seed as a point. Below, where variants were compared: their paired differences to the baseline with 95 % intervals,
 * because differences worth finding are too small to be seen above.
 */
export function comparisonChart(comparison: Comparison): TopLevelSpec {
  const { metric } = comparison;
  const seeds = comparison.seeds.length;
  const compared = comparison.paired.some((result) => result.meanDifference !== null);
  const scale = metric.scale === 'exponential' ? '; logarithmic scale' : '';
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    padding: 16,
    background: 'white',
    title: chartTitle(`Validation ${metric.name} on ${comparison.dataset}`, [
      `Line: mean of ${seeds} seed${seeds === 1 ? '' : 's'}; points: each seed${scale}`,
      ...(compared ? [`Below: paired ${comparedName(metric)} difference to the baseline with its 95 % interval`] : []),
      ...(hasDiverged(comparison) ? ['A diverged run ends where it stopped; the mean is of those that are left'] : []),
    ]),
    config: chartConfig,
    spacing: 28,
    vconcat: [valuePanel(comparison), ...(compared ? [differencePanel(comparison)] : [])],
  };
}

/** Draws the chart of a comparison as SVG text. */
export function renderComparisonChart(comparison: Comparison): Promise<string> {
  return renderChart(comparisonChart(comparison));
}

function valuePanel(comparison: Comparison): Panel {
  const { metric } = comparison;
  const unigrams = [comparison.unigramPerplexity ?? 0].filter((value) => value > 0 && isDrawable(metric, value));
  const points = comparison.variants.flatMap(({ name, runs }) =>
    runs.flatMap(({ seed, evaluations }) =>
      evaluations.flatMap(({ step, metrics }) => {
        const value = metrics[metric.name];
        return value !== undefined && isDrawable(metric, value) ? [{ variant: name, seed, step, value }] : [];
      }),
    ),
  );
  const values = points.map(({ value }) => value);
  const { color, strokeDash } = variantEncoding(comparison);
  const x = stepEncoding([0, ...comparison.evaluationSteps]);
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    title: withUnit(metric.name, metric.unit),
    ...verticalScale(metric, [...values, ...unigrams]),
  };
  return {
    width,
    height: 360,
    layer: [
      ...unigrams.flatMap((unigram) => unigramLayers(metric, unigram)),
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

/** Numbers that an axis has a place for: a stranger's comparison may hold others. */
function isDrawable({ scale }: Metric, value: number): boolean {
  return scale === 'linear' ? Math.abs(value) < 1e150 : value > 1e-150 && value < 1e150;
}

function verticalScale({ scale }: Metric, values: readonly number[]) {
  if (scale === 'linear') return { scale: { zero: false, nice: true }, axis: { tickCount: 8 } };
  const domain = logarithmicDomain(values);
  return {
    scale: { type: 'log' as const, nice: false, domain },
    axis: { format: '~s', values: logarithmicTicks(...domain) },
  };
}

/** The line that a model reaches by knowing only how frequent each token is. */
function unigramLayers(metric: Metric, unigram: number) {
  const label = `unigrams of the training split: ${formatValue(metric, unigram)}`;
  const y = { field: 'unigram', type: 'quantitative' as const };
  return [
    {
      data: { values: [{ unigram }] },
      mark: { type: 'rule' as const, strokeDash: [5, 4], color: grey },
      encoding: { y },
    },
    {
      data: { values: [{ unigram, label }] },
      mark: {
        type: 'text' as const,
        align: 'right' as const,
        baseline: 'bottom' as const,
        dy: -4,
        color: '#555555',
        fontSize: 12,
      },
      encoding: { x: { value: width }, y, text: { field: 'label', type: 'nominal' as const } },
    },
  ];
}

function differencePanel(comparison: Comparison): Panel {
  const { metric } = comparison;
  const baseline = comparison.paired[0]?.baseline ?? '';
  const rows = differenceRows(comparison.paired);
  const { color, strokeDash } = variantEncoding(comparison);
  const x = stepEncoding([0, ...comparison.evaluationSteps]);
  const y = {
    field: 'difference',
    type: 'quantitative' as const,
    title: [`${comparedName(metric)} difference`, withUnit(`to ${baseline}`, differenceUnit(metric))],
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

function withUnit(text: string, unit: string): string {
  return unit === '' ? text : `${text} (${unit})`;
}
