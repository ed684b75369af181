import type { Comparison, PairedResult } from './schemas.ts';

/**
 * Holm's step-down correction (1979) of several p-values: with the smallest first, the i-th of m is multiplied by m - i + 1,
 * and none falls below the one before it. The chance that any true null hypothesis is rejected stays below the level.
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = Array.from(pValues, () => 1);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, pValues[index]! * (pValues.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}

/** The results of all variants that are compared with the baseline at the step of one. */
export function holmFamily({ paired }: Pick<Comparison, 'paired'>, { step }: PairedResult): PairedResult[] {
  return paired.filter((other) => other.step === step && other.pValue !== null);
}

/** The p-value of a paired result, corrected for the other variants that are compared with the same baseline at its step. */
export function holmPValue(comparison: Pick<Comparison, 'paired'>, result: PairedResult): number | null {
  if (result.pValue === null) return null;
  const family = holmFamily(comparison, result);
  const place = family.findIndex(({ variant }) => variant === result.variant);
  return holmAdjusted(family.map(({ pValue }) => pValue!))[place] ?? null;
}
