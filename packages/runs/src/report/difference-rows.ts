import type { PairedResult } from '../records/schemas.ts';

/** A difference as charts draw it. */
export interface DifferenceRow {
  readonly variant: string;
  readonly step: number;
  readonly difference: number;
  /** Ends of the interval; both are the difference where one seed has none. */
  readonly low: number;
  readonly high: number;
}

/** Those of the results that have a difference. */
export function differenceRows(results: readonly PairedResult[]): DifferenceRow[] {
  return results.flatMap(({ variant, step, meanDifference: difference, ci95 }) =>
    difference === null
      ? []
      : [{ variant, step, difference, low: ci95?.[0] ?? difference, high: ci95?.[1] ?? difference }],
  );
}
