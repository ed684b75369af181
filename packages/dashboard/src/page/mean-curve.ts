import { meanAndDeviation, studentQuantile } from '@dynact/runs/records';
import type { Curve } from './curves.ts';

/** The runs of one variant, and whether each goes on. */
export interface SeedCurve {
  readonly curve: Curve;
  readonly isOver: boolean;
}

/**
 * The mean of the seeds with its 95 % Student-t interval, at the steps where every run that goes on has a value: a run that
 * has just begun would pull the mean about. A run that is over counts as far as it went.
 */
export function meanCurve(seeds: readonly SeedCurve[], look: Pick<Curve, 'label' | 'tone'>): Curve {
  const values = seeds.map(({ curve }) => new Map(curve.steps.map((step, index) => [step, index])));
  const steps = [...new Set(seeds.flatMap(({ curve }) => curve.steps))].sort((a, b) => a - b);
  const curve = {
    steps: [] as number[],
    x: [] as number[],
    y: [] as number[],
    low: [] as number[],
    high: [] as number[],
  };
  for (const step of steps) {
    const at = seeds.map(({ curve }, index) => {
      const position = values[index]!.get(step);
      return position === undefined ? undefined : { x: curve.x[position]!, y: curve.y[position]! };
    });
    if (at.some((value, index) => value === undefined && !seeds[index]!.isOver)) continue;
    const present = at.filter((value) => value !== undefined);
    const { mean, half } = meanAndHalf(present.map(({ y }) => y));
    curve.steps.push(step);
    curve.x.push(meanAndHalf(present.map(({ x }) => x)).mean);
    curve.y.push(mean);
    curve.low.push(mean - half);
    curve.high.push(mean + half);
  }
  return { ...look, ...curve, weight: 'bold', around: 'band', isDotted: curve.steps.length <= 60 };
}

/** The mean, and half of its 95 % Student-t interval; 0 for a single value. */
function meanAndHalf(values: readonly number[]): { mean: number; half: number } {
  const { mean, deviation } = meanAndDeviation(values)!;
  const n = values.length;
  return { mean, half: deviation === null ? 0 : (quantile(n - 1) * deviation) / Math.sqrt(n) };
}

const quantiles = new Map<number, number>();

/** The 97.5 % quantile: found once for each number of seeds, not for each step. */
function quantile(degreesOfFreedom: number): number {
  const known = quantiles.get(degreesOfFreedom) ?? studentQuantile(0.975, degreesOfFreedom);
  quantiles.set(degreesOfFreedom, known);
  return known;
}
