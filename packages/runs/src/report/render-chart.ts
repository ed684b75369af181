import type { TopLevelSpec } from 'vega-lite';

/** Draws a Vega-Lite specification as SVG text. */
export async function renderChart(specification: TopLevelSpec): Promise<string> {
  // Half a second to load, so only when a chart is drawn.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const view = new vega.View(vega.parse(vegaLite.compile(specification).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
