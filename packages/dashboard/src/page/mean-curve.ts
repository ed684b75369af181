import { meanAndDeviation, meanAndHalfInterval } from '@dynact/runs/records';
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
    const { mean, half } = meanAndHalfInterval(present.map(({ y }) => y))!;
    curve.steps.push(step);
    curve.x.push(meanAndDeviation(present.map(({ x }) => x))!.mean);
    curve.y.push(mean);
    curve.low.push(mean - (half ?? 0));
    curve.high.push(mean + (half ?? 0));
  }
  return { ...look, ...curve, weight: 'bold', around: 'band', isDotted: curve.steps.length <= 60 };
}
