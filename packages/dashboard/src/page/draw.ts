import type uPlot from 'uplot';
import type { Curve } from './curves.ts';
import { nearest } from './ranges.ts';
import { tone } from './tones.ts';

const widths = { bold: 2.6, normal: 1.6, thin: 1 };
const alphas = { bold: 1, normal: 1, thin: 0.45 };
/** Points of a chart beyond which its lines are a pixel wide: a browser without a graphics card is slow to draw wider ones. */
const crowd = 4000;

/** Draws curves into a chart: each has positions of its own, which uPlot's own series would have to share. */
export function drawCurves(chart: uPlot, curves: readonly Curve[], highlighted: number): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineJoin = 'round';
  const place: Place = {
    ctx,
    horizontal: projection(chart, 'x'),
    vertical: projection(chart, 'y'),
    ratio: devicePixelRatio || 1,
  };
  // The mean lies on top, whichever seeds it is of.
  const drawn = curves
    .map((curve, index) => ({ curve, part: visible(chart, curve.x), isHighlighted: index === highlighted }))
    .sort((a, b) => rank(a.curve, a.isHighlighted) - rank(b.curve, b.isHighlighted));
  const isCrowded = drawn.reduce((sum, { part: [begin, end] }) => sum + end - begin, 0) > crowd;
  for (const { curve, part, isHighlighted } of drawn) drawCurve(place, curve, part, isHighlighted, isCrowded);
  ctx.restore();
}

function rank({ weight }: Curve, isHighlighted: boolean): number {
  return isHighlighted ? 3 : weight === 'bold' ? 2 : weight === 'normal' ? 1 : 0;
}

/** The canvas, and where values lie on it. */
interface Place {
  readonly ctx: CanvasRenderingContext2D;
  readonly horizontal: (value: number) => number;
  readonly vertical: (value: number) => number;
  /** Pixels of the canvas in one of the page. */
  readonly ratio: number;
}

/** `valToPos` of one scale on the canvas, for many values. */
function projection(chart: uPlot, key: 'x' | 'y'): (value: number) => number {
  const { min = 0, max = 1, distr } = chart.scales[key]!;
  const [begin, end] = [chart.valToPos(min, key, true), chart.valToPos(max, key, true)];
  if (distr !== 3) return (value) => begin + ((end - begin) * (value - min)) / (max - min);
  const low = Math.log10(min);
  const slope = (end - begin) / (Math.log10(max) - low);
  // As uPlot: what has no logarithm lies below the axis.
  return (value) => begin + slope * (Math.log10(value > 0 ? value : min / 10) - low);
}

function drawCurve(
  { ctx, horizontal, vertical, ratio }: Place,
  curve: Curve,
  [begin, end]: readonly [number, number],
  isHighlighted: boolean,
  isCrowded: boolean,
): void {
  const { color, dash } = tone(curve.tone);
  const { x, y, low, high } = curve;
  const line = (values: readonly number[]) => {
    for (let index = begin; index < end; index += 1) ctx.lineTo(horizontal(x[index]!), vertical(values[index]!));
  };
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  ctx.setLineDash([]);
  ctx.beginPath();
  if (low !== undefined && high !== undefined && curve.around === 'band') {
    ctx.globalAlpha = 0.16;
    line(high);
    for (let index = end - 1; index >= begin; index -= 1) ctx.lineTo(horizontal(x[index]!), vertical(low[index]!));
    ctx.fill();
  } else if (low !== undefined && high !== undefined) {
    ctx.globalAlpha = curve.around === 'bars' ? 0.9 : 0.35;
    ctx.lineWidth = isCrowded ? 1 : (curve.around === 'bars' ? 1.4 : 1) * ratio;
    for (let index = begin; index < end; index += 1) {
      const left = horizontal(x[index]!);
      ctx.moveTo(left, vertical(low[index]!));
      ctx.lineTo(left, vertical(high[index]!));
    }
    ctx.stroke();
  }
  if (curve.raw !== undefined) {
    ctx.globalAlpha = 0.22;
    ctx.lineWidth = isCrowded ? 1 : ratio;
    ctx.beginPath();
    line(curve.raw);
    ctx.stroke();
  }
  const weight = isHighlighted ? 'bold' : curve.weight;
  ctx.globalAlpha = alphas[weight];
  ctx.lineWidth = isCrowded && weight !== 'bold' ? 1 : widths[weight] * ratio;
  ctx.setLineDash(dash.map((length) => length * ratio));
  ctx.beginPath();
  line(y);
  ctx.stroke();
  if (curve.isDotted !== true) return;
  const radius = (curve.weight === 'thin' ? 1.8 : 3) * ratio;
  for (let index = begin; index < end; index += 1) {
    ctx.beginPath();
    ctx.arc(horizontal(x[index]!), vertical(y[index]!), radius, 0, 2 * Math.PI);
    ctx.fill();
  }
}

/** The points in sight, with one on either side so that lines lead out of it. */
function visible(chart: uPlot, x: readonly number[]): readonly [begin: number, end: number] {
  const { min = 0, max = 0 } = chart.scales.x!;
  return [Math.max(0, nearest(x, min) - 1), Math.min(x.length, nearest(x, max) + 2)];
}
