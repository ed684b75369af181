import type { Comparison } from '../records/schemas.ts';
import { labelledSteps } from './chart-axes.ts';

/** Colors that stay apart for color-blind readers (Okabe and Ito), then others for many variants. */
const palette = [
  '#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#7A4B9A', '#8C6D31', '#4D4D4D', '#A50F15',
]; // biome-ignore format: one color list
/** How lines are broken: whole, and differently each time the colors begin again. */
const dashes = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3]]; // biome-ignore format: one list

/** Width of the panels, in pixels. */
export const width = 640;

/** The color of each variant, the same in the chart and in the report. */
export function variantColors(comparison: Comparison): Map<string, string> {
  return new Map(comparison.variants.map(({ name }, index) => [name, palette[index % palette.length] ?? '#000000']));
}

/** The axis of optimizer steps of a panel so many pixels wide. */
export function stepEncoding(steps: readonly number[], panelWidth = width) {
  const labelled = labelledSteps(steps, panelWidth);
  return {
    field: 'step',
    type: 'quantitative' as const,
    title: 'optimizer step',
    scale: { nice: false, domain: [0, Math.max(...steps)] },
    // Every step has its tick; labels stand where they do not run into each other.
    axis: {
      values: [...steps],
      labelOverlap: false as const,
      labelFlush: false,
      labelExpr: `indexof(${JSON.stringify(labelled)}, datum.value) < 0 ? '' : format(datum.value, ',d')`,
    },
  };
}

/** The color and the dashes of a variant's marks, with one legend for both. */
export function variantEncoding(comparison: Comparison) {
  const colors = variantColors(comparison);
  const domain = [...colors.keys()];
  const longest = Math.max(...domain.map((name) => name.length));
  const legend = {
    title: null,
    orient: 'top' as const,
    columns: Math.max(1, Math.min(domain.length, Math.floor(width / (8 * longest + 50)))),
    symbolType: 'stroke',
    symbolSize: 500,
    symbolStrokeWidth: 3,
    symbolOpacity: 1,
    labelFontSize: 13,
    labelLimit: width,
  };
  const range = domain.map((_, index) => [...(dashes[Math.floor(index / palette.length) % dashes.length] ?? [])]);
  return {
    color: { field: 'variant', type: 'nominal' as const, scale: { domain, range: [...colors.values()] }, legend },
    strokeDash: { field: 'variant', type: 'nominal' as const, scale: { domain, range }, legend },
  };
}

/** Text and axes, the same in every chart. */
export const chartConfig = {
  font: 'Helvetica, Arial, "DejaVu Sans", sans-serif',
  view: { stroke: null },
  axis: {
    gridColor: '#E6E6E6',
    domainColor: '#888888',
    tickColor: '#888888',
    labelFontSize: 12,
    titleFontSize: 13,
  },
};

/** The heading of a chart. */
export function chartTitle(text: string, subtitle: string[]) {
  return { text, subtitle, anchor: 'start' as const, fontSize: 16, subtitleColor: '#555555', offset: 12 };
}
