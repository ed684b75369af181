import type { TopLevelSpec } from 'vega-lite';
import { comparedName, differenceUnit } from '../records/metric.ts';
import type { Comparison } from '../records/schemas.ts';
import { hasDiverged, lastPaired } from '../records/verdict-sentence.ts';
import { chartConfig, chartTitle, variantColors, width } from './chart-encodings.ts';
import { type DifferenceRow, differenceRows } from './difference-rows.ts';
import { renderChart } from './render-chart.ts';

/** Height of the row of a variant, in pixels. */
const rowHeight = 20;
/** Width of a letter of its name, in pixels (12 px type). */
const letterWidth = 8;
/** How many times as wide as another a part may spread before both need an axis of their own to be read. */
const mostSpread = 10;

/**
 * Final paired differences to the baseline with their 95 % intervals, of several comparisons with one metric, as a Vega-Lite
 * specification: a panel for each comparison, a row for each variant.
 * @param comparisons by what tells them apart: a depth, a data set
 */
function differencesChart(comparisons: ReadonlyMap<string, Comparison>): TopLevelSpec | undefined {
  const parts = [...comparisons].map(([part, comparison]) => ({
    part,
    comparison,
    rows: differenceRows(lastPaired(comparison)),
  }));
  const drawn = parts.filter(({ rows }) => rows.length > 0);
  const [first] = drawn;
  if (first === undefined) return undefined;
  const { metric } = first.comparison;
  // Pure numbers of one data set, such as errors in its unit, are not those of another.
  const isOneUnit = metric.scale === 'exponential' || metric.unit !== '';
  const spreads = drawn.map(({ rows }) => spreadOf(rows)).filter((spread) => spread > 0);
  const isShared = isOneUnit && Math.max(...spreads) <= mostSpread * Math.min(...spreads);
  const all = drawn.flatMap(({ rows }) => rows);
  const labelWidth = letterWidth * Math.max(...all.map(({ variant }) => variant.length));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    padding: 16,
    background: 'white',
    title: chartTitle(`Differences of ${comparedName(metric)} at the end`, [
      `Mean over seeds with its 95 % interval; ${metric.lowerIsBetter ? 'left' : 'right'} of the line is better`,
      ...(isShared || drawn.length === 1 ? [] : ['Each part has an axis of its own']),
      ...(drawn.some(({ comparison }) => comparison.seeds.length === 1) ? ['One seed has no interval'] : []),
      ...(parts.some(({ comparison }) => hasDiverged(comparison)) ? ['Runs that diverged are left out'] : []),
    ]),
    config: chartConfig,
    spacing: 12,
    resolve: { scale: { color: 'independent' } },
    vconcat: drawn.map(({ part, comparison, rows }, index) =>
      panel(part, comparison, rows, {
        domain: domainOf(isShared ? all : rows),
        labelWidth,
        hasLabels: !isShared || index === drawn.length - 1,
        hasTitle: index === drawn.length - 1,
      }),
    ),
  };
}

interface PanelOptions {
  readonly domain: [number, number];
  /** As wide for every part, so that the panels stand below each other. */
  readonly labelWidth: number;
  readonly hasLabels: boolean;
  readonly hasTitle: boolean;
}

/** The ends of an axis that shows zero and all of the rows. */
function domainOf(rows: readonly DifferenceRow[]): [number, number] {
  const ends = rows.flatMap(({ low, high }) => [low, high]);
  const domain: [number, number] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  return domain[0] === domain[1] ? [-1, 1] : domain;
}

/** The farthest that anything lies from zero. */
function spreadOf(rows: readonly DifferenceRow[]): number {
  return Math.max(...rows.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
}

/** One comparison. */
function panel(
  part: string,
  comparison: Comparison,
  rows: readonly DifferenceRow[],
  { domain, labelWidth, hasLabels, hasTitle }: PanelOptions,
) {
  const { metric, paired } = comparison;
  const unit = differenceUnit(metric);
  const x = {
    field: 'difference',
    type: 'quantitative' as const,
    scale: { domain, nice: true },
    title: hasTitle
      ? `${comparedName(metric)} difference to ${paired[0]!.baseline}${unit === '' ? '' : ` (${unit})`}`
      : null,
    axis: { labels: hasLabels, tickCount: 6 },
  };
  const y = {
    field: 'variant',
    type: 'nominal' as const,
    title: null,
    sort: null,
    axis: { minExtent: labelWidth, maxExtent: labelWidth, labelLimit: 0 },
  };
  const colors = variantColors(comparison);
  const scale = { domain: [...colors.keys()], range: [...colors.values()] };
  const color = { field: 'variant', type: 'nominal' as const, scale, legend: null };
  return {
    title: { text: part, anchor: 'start' as const, fontSize: 13, offset: 4 },
    width: width - labelWidth,
    height: { step: rowHeight },
    data: { values: [...rows] },
    layer: [
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: 'rule' as const, strokeDash: [5, 4], color: '#777777' },
        encoding: { x: { ...x, field: 'zero' } },
      },
      {
        mark: { type: 'rule' as const, strokeWidth: 2 },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, color },
      },
      { mark: { type: 'point' as const, filled: true, size: 60, opacity: 1 }, encoding: { x, y, color } },
    ],
  };
}

/** Draws it as SVG text; undefined where nothing was compared. */
export async function renderDifferencesChart(
  comparisons: ReadonlyMap<string, Comparison>,
): Promise<string | undefined> {
  const chart = differencesChart(comparisons);
  return chart === undefined ? undefined : renderChart(chart);
}
