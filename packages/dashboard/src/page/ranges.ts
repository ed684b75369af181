import type { Curve } from './curves.ts';

export type Range = readonly [low: number, high: number];

/** From the first to the last position of any curve; from the first above 0 on a logarithmic axis. */
export function horizontalRange(curves: readonly Curve[], isStretched: boolean): Range {
  const first = (x: readonly number[]) => (isStretched ? x.find((position) => position > 0) : x[0]) ?? [];
  const ends = curves.flatMap(({ x }) => [first(x), x.at(-1) ?? []].flat()).filter((end) => !isStretched || end > 0);
  if (ends.length === 0) return isStretched ? [0.1, 10] : [0, 1];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  if (low < high) return [low, high];
  return isStretched ? [low / 2, 2 * high] : [low - 0.5, high + 0.5];
}

/** Range of all curves between two positions, with room above and below. */
export function verticalRange(curves: readonly Curve[], [left, right]: Range, isLogarithmic: boolean): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x, y, low: lows = y, high: highs = y, raw = y } of curves) {
    const [begin, end] = [nearest(x, left), Math.min(x.length, nearest(x, right) + 1)];
    for (const values of new Set([y, lows, highs, raw])) {
      for (let index = begin; index < end; index += 1) {
        const value = values[index]!;
        if (!Number.isFinite(value) || (isLogarithmic && value <= 0)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  if (low > high) return isLogarithmic ? [0.1, 10] : [0, 1];
  if (isLogarithmic) {
    const margin = Math.max(1.02, (high / low) ** 0.05);
    return [low / margin, high * margin];
  }
  const margin = high === low ? Math.max(Math.abs(high) * 0.05, 1e-9) : 0.05 * (high - low);
  return [low - margin, high + margin];
}

/** The index of the last value that is not above a position, 0 where there is none. */
export function nearest(x: readonly number[], position: number): number {
  let [low, high] = [0, x.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (x[middle]! <= position) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
