import type uPlot from 'uplot';
import type { Curve } from './curves.ts';
import { tone } from './tones.ts';

/** Points of a curve that is drawn as a line. Without a graphics card a canvas takes seconds, or a minute, for more. */
const mostPoints = 400;
/** Opacity of what points stand for, of values under a smoothed line, and of the line. */
const opacities = { extremes: 0.2, raw: 0.2, line: 0.75 };

/** Whether a curve is drawn by `drawCloud`, not as a line, which noise leads across each row of pixels many times. */
export function isCloud({ x, weight }: Curve): boolean {
  return weight !== 'bold' && x.length > mostPoints;
}

/** Draws curves without joints and dashes, a run of pixels in each column: time grows with the pixels, not with the crossings. */
export function drawCloud(chart: uPlot, curves: readonly Curve[]): void {
  const { ctx, bbox } = chart;
  const [width, height] = [Math.round(bbox.width), Math.round(bbox.height)];
  if (width < 1 || height < 1) return;
  const image = new ImageData(width, height);
  const picture = { width, height, pixels: new Uint32Array(image.data.buffer) };
  for (const curve of curves) {
    if (curve.low !== undefined && curve.high !== undefined) {
      fill(picture, columns(chart, picture, curve.x, curve.low, curve.high), ink(ctx, curve, opacities.extremes));
    }
    if (curve.raw !== undefined) {
      fill(picture, columns(chart, picture, curve.x, curve.raw, curve.raw), ink(ctx, curve, opacities.raw), []);
    }
  }
  for (const curve of curves) {
    fill(
      picture,
      columns(chart, picture, curve.x, curve.y, curve.y),
      ink(ctx, curve, opacities.line),
      tone(curve.tone).dash,
    );
  }
  const layer = new OffscreenCanvas(width, height);
  layer.getContext('2d')?.putImageData(image, 0, 0);
  ctx.drawImage(layer, bbox.left, bbox.top);
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
}

/** Rows of a picture that a curve takes of each column, from the top; bottom is below top where it has none. */
interface Columns {
  readonly top: Float64Array;
  readonly bottom: Float64Array;
}

function columns(
  chart: uPlot,
  { width }: Picture,
  x: readonly number[],
  low: readonly number[],
  high: readonly number[],
): Columns {
  const { left, top: above } = chart.bbox;
  const top = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  const bottom = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
  let [before, beforeRow] = [-1, 0];
  for (let index = 0; index < x.length; index += 1) {
    const column = Math.round(chart.valToPos(x[index]!, 'x', true) - left);
    const highest = chart.valToPos(high[index]!, 'y', true) - above;
    const lowest = low === high ? highest : chart.valToPos(low[index]!, 'y', true) - above;
    // A line leads over the columns between two points; halves of a jump meet in the middle.
    for (
      let between = Math.max(before + 1, 0);
      index > 0 && low === high && between < Math.min(column, width);
      between += 1
    ) {
      const at = beforeRow + ((highest - beforeRow) * (between - before)) / (column - before);
      const next = beforeRow + ((highest - beforeRow) * (between + 1 - before)) / (column - before);
      cover(between, Math.min(at, next), Math.max(at, next));
    }
    if (index > 0 && low === high && column - before <= 1)
      cover(column, Math.min(beforeRow, highest), Math.max(beforeRow, highest));
    else cover(column, highest, lowest);
    [before, beforeRow] = [column, highest];
  }
  return { top, bottom };

  function cover(column: number, highest: number, lowest: number): void {
    if (column < 0 || column >= width) return;
    if (highest < top[column]!) top[column] = highest;
    if (lowest > bottom[column]!) bottom[column] = lowest;
  }
}

/** @param dash lengths of parts of a line, which has two rows at least, and of the gaps between them; extremes have none */
function fill(
  { width, height, pixels }: Picture,
  { top, bottom }: Columns,
  color: number,
  dash?: readonly number[],
): void {
  const ratio = devicePixelRatio || 1;
  const ends = (dash ?? []).map((_, index) => ratio * dash!.slice(0, index + 1).reduce((sum, length) => sum + length));
  const period = ends.at(-1) ?? 0;
  for (let column = 0; column < width; column += 1) {
    const isGap = period > 0 && ends.findIndex((end) => column % period < end) % 2 === 1;
    if (bottom[column]! < top[column]! || isGap) continue;
    const first = Math.max(0, Math.round(top[column]!));
    const last = Math.min(height - 1, Math.round(bottom[column]!) + (dash === undefined ? 0 : 1));
    for (let row = first, place = first * width + column; row <= last; row += 1, place += width) pixels[place] = color;
  }
}

const inks = new Map<string, number>();

/** A curve's color as a pixel, in the byte order of image data. */
function ink(ctx: CanvasRenderingContext2D, { tone: index }: Curve, opacity: number): number {
  const { color } = tone(index);
  const key = `${color} ${opacity}`;
  const known = inks.get(key);
  if (known !== undefined) return known;
  ctx.fillStyle = color;
  const [red = 0, green = 0, blue = 0] = (String(ctx.fillStyle).match(/[0-9a-f]{2}/gi) ?? []).map((part) =>
    Number.parseInt(part, 16),
  );
  const [pixel] = new Uint32Array(Uint8ClampedArray.of(red, green, blue, 255 * opacity).buffer) as unknown as [number];
  inks.set(key, pixel);
  return pixel;
}
