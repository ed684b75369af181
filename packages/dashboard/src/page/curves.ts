import type { Axis } from '../protocol.ts';
import { kept } from './kept.ts';
import type { Points } from './points.ts';

/** One line of a chart. */
export interface Curve {
  readonly label: string;
  /** Which color and dashes. */
  readonly tone: number;
  readonly weight: 'bold' | 'normal' | 'thin';
  readonly steps: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Around the line: an interval, or the extremes of what each point stands for. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  readonly around?: 'band' | 'bars' | 'extremes';
  /** Values under a smoothed line. */
  readonly raw?: readonly number[];
  /** Whether each point has a mark of its own. */
  readonly isDotted?: boolean;
}

/** One chart of a view. */
export interface ChartModel {
  /** Tells charts of a page apart. */
  readonly key: string;
  readonly title: string;
  readonly note?: string;
  /** Whether it has lines: none where the horizontal axis is not known. */
  readonly isKnown: boolean;
  /** Its lines, worked out when they are asked for: nobody asks for those of a chart out of sight. */
  readonly curves: () => readonly Curve[];
  /** Whether its vertical axis is logarithmic where nobody says otherwise. */
  readonly isExponential: boolean;
}

/** Where points stand on an axis: steps, tokens, seconds, or operations. Null where that is not known. */
export function positions(points: Points, axis: Axis, flopsPerToken: number | null): readonly number[] | null {
  switch (axis) {
    case 'step':
      return points.step;
    case 'tokens':
      return points.tokens;
    case 'time':
      return points.ms.map((ms) => ms / 1000);
    case 'flops':
      return flopsPerToken === null ? null : points.tokens.map((tokens) => tokens * flopsPerToken);
  }
}

/**
 * The exponential moving average, without the pull of its beginning: each value weighs `smoothing` less for every step that
 * it is older, so that few and many points of the same run give the same curve.
 */
export function smooth(values: readonly number[], steps: readonly number[], smoothing: number): number[] {
  let [sum, weight] = [0, 0];
  return values.map((value, index) => {
    const kept = index === 0 ? 0 : smoothing ** Math.max(1, steps[index]! - steps[index - 1]!);
    sum = kept * sum + (1 - smoothing) * value;
    weight = kept * weight + (1 - smoothing);
    return sum / weight;
  });
}

/** The curve of one series of a run, the same one as before where nothing of it has changed; undefined where the axis is not known. */
export const curveOf = kept(
  (
    points: Points,
    axis: Axis,
    flopsPerToken: number | null,
    smoothing: number,
    label: string,
    tone: number,
    weight: Curve['weight'],
  ): Curve | undefined => {
    const x = positions(points, axis, flopsPerToken);
    if (x === null) return undefined;
    const common = { label, tone, weight, steps: points.step, x };
    if (smoothing > 0) {
      return { ...common, y: smooth(points.last, points.step, smoothing), raw: points.last };
    }
    const isSpread = points.min !== points.last;
    const isDotted = points.step.length <= 60;
    return {
      ...common,
      y: points.last,
      isDotted,
      ...(isSpread ? { low: points.min, high: points.max, around: 'extremes' } : {}),
    };
  },
);
