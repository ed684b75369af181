import { InputError } from '@dynact/files/input-error';
import { mean as meanOf, sampleStandardDeviation } from 'simple-statistics';
import { type Metric, roundsToNothing } from './metric.ts';
import { studentQuantile } from './student.ts';

/** From this number of pairs on, the exact sign-flip test can reach p <= 0.05: its smallest value is 2 / 2^n. */
export const fewestSeeds = 6;
/** All 2^n sign patterns are counted, so the number of pairs is bounded. */
export const mostSeeds = 24;
const significance = 0.05;

/** A value by seed, as the metric's scale compares them; null where the run diverged before the step. */
export type ValueBySeed = ReadonlyMap<number, number | null>;

/** The fields of a paired result that the values decide. Null: not defined at this `n`. */
export interface PairedStatistics {
  readonly n: number;
  readonly meanDifference: number | null;
  readonly ci95: [number, number] | null;
  readonly pValue: number | null;
}

/** Mean and sample standard deviation (null for a single value). Null for no value. */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number | null } | null {
  if (values.length === 0) return null;
  return {
    mean: meanOf([...values]),
    deviation: values.length < 2 ? null : sampleStandardDeviation([...values]),
  };
}

const quantiles = new Map<number, number>();

/** The 97.5 % quantile of Student's t: found once for each number of values, since curves ask at every step. */
function quantile(degreesOfFreedom: number): number {
  const known = quantiles.get(degreesOfFreedom) ?? studentQuantile(0.975, degreesOfFreedom);
  quantiles.set(degreesOfFreedom, known);
  return known;
}

/** Mean and half of its 95 % Student-t interval (null for a single value). Null for no value. */
export function meanAndHalfInterval(values: readonly number[]): { mean: number; half: number | null } | null {
  const summary = meanAndDeviation(values);
  if (summary === null) return null;
  const { mean, deviation } = summary;
  return {
    mean,
    half: deviation === null ? null : (quantile(values.length - 1) * deviation) / Math.sqrt(values.length),
  };
}

/**
 * Compares a variant with a baseline, seed by seed: the mean of the differences (variant - baseline), its 95 % Student-t
 * interval, and the exact two-sided sign-flip p-value. Seeds without a value on either side are left out.
 */
export function pairedComparison(baseline: ValueBySeed, variant: ValueBySeed): PairedStatistics {
  const differences: number[] = [];
  for (const [seed, value] of variant) {
    const reference = baseline.get(seed);
    if (value !== null && reference !== null && reference !== undefined) differences.push(value - reference);
  }
  const n = differences.length;
  const summary = meanAndHalfInterval(differences);
  if (summary === null) {
    return { n, meanDifference: null, ci95: null, pValue: null };
  }
  const { mean, half } = summary;
  return {
    n,
    meanDifference: mean,
    ci95: half === null ? null : [mean - half, mean + half],
    pValue: signFlipPValue(differences),
  };
}

/**
 * The exact two-sided sign-flip (paired permutation) p-value: the share of the 2^n ways to choose the signs of the
 * differences whose sum is at least as far from 0 as the observed one.
 * @throws InputError beyond `mostSeeds` differences.
 */
export function signFlipPValue(differences: readonly number[]): number {
  if (differences.length > mostSeeds) {
    throw new InputError(
      'run-folder',
      `${differences.length} seeds are too many for the exact test; use at most ${mostSeeds}`,
    );
  }
  const first = differences[0];
  if (first === undefined) return 1;
  const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0));
  // Sums of the same numbers in another order differ in the last bits; a tie must count as a tie.
  const tolerance = 1e-12 * differences.reduce((sum, value) => sum + Math.abs(value), 0);
  const countFrom = (index: number, sum: number): number => {
    const value = differences[index];
    if (value === undefined) return Math.abs(sum) >= observed - tolerance ? 1 : 0;
    return countFrom(index + 1, sum + value) + countFrom(index + 1, sum - value);
  };
  // A pattern and its mirror image have the same distance from 0, so the first sign can stay.
  return countFrom(1, first) / 2 ** (differences.length - 1);
}

/**
 * The number of pairs from which on p can reach 0.05, where Holm's correction multiplies the smallest one by the variants that
 * are compared with the baseline.
 */
export function fewestSeedsFor(comparisons: number): number {
  return Math.ceil(Math.log2((2 * comparisons) / significance));
}

/** Conclusions that a paired result allows. */
export type Verdict = 'variant better' | 'baseline better' | 'no difference shown' | 'too few seeds to conclude';

/** Whether the interval excludes 0, p <= 0.05, and the difference is large enough to be seen in the digits shown. */
export function isSignificant({ ci95, pValue, meanDifference }: PairedStatistics, metric: Metric): boolean {
  if (ci95 === null || pValue === null || meanDifference === null || roundsToNothing(metric, meanDifference))
    return false;
  return pValue <= significance && (ci95[1] < 0 || ci95[0] > 0);
}

/** Whether a difference (variant - baseline) speaks for the variant. */
export function favorsVariant(difference: number, { lowerIsBetter }: Metric): boolean {
  return difference < 0 === lowerIsBetter;
}

/**
 * A win is claimed only when the interval excludes 0 and p <= 0.05, from as many pairs as p can reach that with, and when no run
 * of the winner diverged (the seeds that are left would flatter it).
 * @param comparisons of variants with the baseline, which p is corrected for
 */
export function verdict(
  result: PairedStatistics,
  metric: Metric,
  diverged: { readonly baseline: number; readonly variant: number },
  comparisons = 1,
): Verdict {
  const { n, ci95, meanDifference } = result;
  if (n < fewestSeedsFor(comparisons) || ci95 === null || meanDifference === null) return 'too few seeds to conclude';
  if (!isSignificant(result, metric)) return 'no difference shown';
  const winner = favorsVariant(meanDifference, metric) ? 'variant' : 'baseline';
  return diverged[winner] > 0 ? 'no difference shown' : `${winner} better`;
}
