import type { TopLevelSpec } from 'vega-lite';
import type { Comparison } from './schemas.ts';

/** Colours that stay apart for colour-blind readers (Okabe and Ito), then others for many variants. */
const palette = [
  '#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#7A4B9A', '#8C6D31', '#4D4D4D', '#A50F15',
]; // biome-ignore format: one colour list

interface Point {
  readonly variant: string;
  readonly seed: number;
  readonly step: number;
  readonly perplexity: number;
}

/** The colour of each variant, the same in the chart and in the report. */
export function variantColours(comparison: Comparison): Map<string, string> {
  return new Map(comparison.variants.map(({ name }, index) => [name, palette[index % palette.length] ?? '#000000']));
}

/** The chart of a comparison as a Vega-Lite specification: the mean over seeds as a line, each seed as a point. */
export function perplexityChart(comparison: Comparison): TopLevelSpec {
  const points: Point[] = comparison.variants.flatMap(({ name, runs }) =>
    runs.flatMap(({ seed, evaluations }) =>
      evaluations.map(({ step, perplexity }) => ({ variant: name, seed, step, perplexity })),
    ),
  );
  const colours = variantColours(comparison);
  const colour = {
    field: 'variant',
    type: 'nominal' as const,
    scale: { domain: [...colours.keys()], range: [...colours.values()] },
    legend: { title: null, orient: 'top' as const, symbolType: 'stroke', symbolStrokeWidth: 3, labelFontSize: 13 },
  };
  const step = {
    field: 'step',
    type: 'quantitative' as const,
    title: 'optimizer step',
    axis: { values: [0, ...comparison.checkpoints], format: ',d', labelOverlap: true },
    scale: { nice: false },
  };
  const unigram = comparison.unigramPerplexity;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 640,
    height: 380,
    padding: 16,
    background: 'white',
    title: {
      text: `Validation perplexity on ${comparison.dataset}`,
      subtitle: `Line: mean of ${comparison.seeds.length} seed${comparison.seeds.length === 1 ? '' : 's'}; points: each seed; logarithmic scale`,
      anchor: 'start',
      fontSize: 16,
      subtitleColor: '#555555',
      offset: 12,
    },
    config: {
      font: 'Helvetica, Arial, "DejaVu Sans", sans-serif',
      view: { stroke: null },
      axis: {
        gridColor: '#E6E6E6',
        domainColor: '#888888',
        tickColor: '#888888',
        labelFontSize: 12,
        titleFontSize: 13,
      },
    },
    layer: [
      {
        data: { values: points },
        mark: { type: 'point', filled: true, size: 28, opacity: 0.55 },
        encoding: {
          x: step,
          y: { field: 'perplexity', type: 'quantitative', scale: { type: 'log', nice: false, padding: 12 } },
          color: colour,
        },
      },
      {
        data: { values: points },
        mark: { type: 'line', strokeWidth: 2.2 },
        encoding: {
          x: step,
          y: {
            aggregate: 'mean',
            field: 'perplexity',
            type: 'quantitative',
            title: 'perplexity',
            axis: { format: '~s', tickCount: 8 },
          },
          color: colour,
        },
      },
      {
        data: { values: [{ unigram }] },
        mark: { type: 'rule', strokeDash: [5, 4], color: '#777777' },
        encoding: { y: { field: 'unigram', type: 'quantitative' } },
      },
      {
        data: { values: [{ unigram, label: `unigrams of the training split: ${formatPerplexity(unigram)}` }] },
        mark: { type: 'text', align: 'right', baseline: 'bottom', dy: -4, color: '#555555', fontSize: 12 },
        encoding: {
          x: { value: 640 },
          y: { field: 'unigram', type: 'quantitative' },
          text: { field: 'label', type: 'nominal' },
        },
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
export async function renderPerplexityChart(comparison: Comparison): Promise<string> {
  // Half a second to load, so only when a chart is drawn.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const view = new vega.View(vega.parse(vegaLite.compile(perplexityChart(comparison)).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
