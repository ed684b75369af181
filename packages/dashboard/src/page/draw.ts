import type uPlot from 'uplot';
import type { Curve } from './curves.ts';
import { nearest } from './ranges.ts';
import { tone } from './tones.ts';

const widths = { bold: 2.6, normal: 1.6, thin: 1 };
const alphas = { bold: 1, normal: 1, thin: 0.45 };

/** Draws curves into a chart: each has positions of its own, which uPlot's own series would have to share. */
export function drawCurves(chart: uPlot, curves: readonly Curve[], highlighted: number): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineJoin = 'round';
  // The mean lies on top, whichever seeds it is of.
  const order = curves.map((_, index) => index).sort((a, b) => rank(curves[a]!, a) - rank(curves[b]!, b));
  function rank({ weight }: Curve, index: number): number {
    return index === highlighted ? 3 : weight === 'bold' ? 2 : weight === 'normal' ? 1 : 0;
  }
  for (const index of order) drawCurve(chart, curves[index]!, index === highlighted);
  ctx.restore();
}

function drawCurve(chart: uPlot, curve: Curve, isHighlighted: boolean): void {
  const { ctx } = chart;
  const ratio = devicePixelRatio || 1;
  const { color, dash } = tone(curve.tone);
  const [begin, end] = visible(chart, curve.x);
  const horizontal = (index: number) => chart.valToPos(curve.x[index]!, 'x', true);
  const vertical = (value: number) => chart.valToPos(value, 'y', true);
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  ctx.setLineDash([]);
  if (curve.low !== undefined && curve.high !== undefined) {
    const { low, high } = curve;
    ctx.globalAlpha = curve.around === 'band' ? 0.16 : curve.around === 'bars' ? 0.9 : 0.35;
    ctx.lineWidth = (curve.around === 'bars' ? 1.4 : 1) * ratio;
    ctx.beginPath();
    if (curve.around === 'band') {
      for (let index = begin; index < end; index += 1) ctx.lineTo(horizontal(index), vertical(high[index]!));
      for (let index = end - 1; index >= begin; index -= 1) ctx.lineTo(horizontal(index), vertical(low[index]!));
      ctx.fill();
    } else {
      for (let index = begin; index < end; index += 1) {
        const left = horizontal(index);
        ctx.moveTo(left, vertical(low[index]!));
        ctx.lineTo(left, vertical(high[index]!));
      }
      ctx.stroke();
    }
  }
  const line = (values: readonly number[]) => {
    ctx.beginPath();
    for (let index = begin; index < end; index += 1) ctx.lineTo(horizontal(index), vertical(values[index]!));
    ctx.stroke();
  };
  if (curve.raw !== undefined) {
    ctx.globalAlpha = 0.22;
    ctx.lineWidth = ratio;
    line(curve.raw);
  }
  ctx.globalAlpha = isHighlighted ? 1 : alphas[curve.weight];
  ctx.lineWidth = (isHighlighted ? widths.bold : widths[curve.weight]) * ratio;
  ctx.setLineDash(dash.map((length) => length * ratio));
  line(curve.y);
  if (curve.isDotted !== true) return;
  const radius = (curve.weight === 'thin' ? 1.8 : 3) * ratio;
  for (let index = begin; index < end; index += 1) {
    ctx.beginPath();
    ctx.arc(horizontal(index), vertical(curve.y[index]!), radius, 0, 2 * Math.PI);
    ctx.fill();
  }
}

/** The points in sight, with one on either side so that lines lead out of it. */
function visible(chart: uPlot, x: readonly number[]): [begin: number, end: number] {
  const { min = 0, max = 0 } = chart.scales.x!;
  return [Math.max(0, nearest(x, min) - 1), Math.min(x.length, nearest(x, max) + 2)];
}
