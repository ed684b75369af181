/** Shares of a text that validate and test: its last parts, the test after the validation. */
export interface TailShares {
  readonly validation: number;
  readonly test: number;
}

/** Default for a text that nobody said anything about. */
export const usualTail: TailShares = { validation: 0.05, test: 0.05 };

/** Where the held-out parts of so many ids begin. */
export function tailStarts(ids: number, shares: TailShares): { validation: number; test: number } {
  const test = ids - Math.round(ids * shares.test);
  return { validation: test - Math.round(ids * shares.validation), test };
}
