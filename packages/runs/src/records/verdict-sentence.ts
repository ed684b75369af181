import type { Comparison, PairedResult } from './schemas.ts';
import { fewestSeeds, isSignificant, verdict } from './statistics.ts';

/** How many runs of a variant diverged. */
export function divergedRuns(comparison: Comparison, name: string): number {
  const variant = comparison.variants.find((candidate) => candidate.name === name);
  return variant?.runs.filter((run) => run.status === 'diverged').length ?? 0;
}

/** The paired results at the last checkpoint, one for each variant that is not the baseline. */
export function lastPaired(comparison: Comparison): PairedResult[] {
  const last = Math.max(...comparison.checkpoints);
  return comparison.paired.filter((result) => result.step === last);
}

/** One sentence that says which of the two is lower at that step, by how much, and whether the seeds support saying so. */
export function verdictSentence(comparison: Comparison, result: PairedResult): string {
  const diverged = {
    baseline: divergedRuns(comparison, result.baseline),
    variant: divergedRuns(comparison, result.variant),
  };
  const { baseline, variant, step, n, meanLossDifference: difference, relativePerplexityReduction: reduction } = result;
  const seeds = n === 1 ? '1 seed' : `${n} seeds`;
  const losses = [
    diverged.variant > 0 ? `${diverged.variant} of ${variant}` : '',
    diverged.baseline > 0 ? `${diverged.baseline} of ${baseline}` : '',
  ].filter((text) => text !== '');
  const divergence = losses.length === 0 ? '' : ` Diverged runs: ${losses.join(', ')}.`;
  if (difference === null || reduction === null) {
    return `${variant} and ${baseline} have no seed with a loss on both sides at step ${step}.${divergence}`;
  }
  const measured =
    difference === 0
      ? `At step ${step}, ${variant} and ${baseline} have the same mean loss over ${seeds}`
      : `At step ${step}, ${variant} has ${percent(Math.abs(reduction))} ${difference < 0 ? 'lower' : 'higher'} ` +
        `perplexity than ${baseline} over ${seeds}`;
  switch (verdict(result, diverged)) {
    case 'too few seeds to conclude':
      return `${measured}: too few seeds to conclude (at least ${fewestSeeds} are needed).${divergence}`;
    case 'no difference shown':
      if (isSignificant(result)) {
        return `${measured}: no win is claimed, because ${difference < 0 ? variant : baseline} has diverged runs.${divergence}`;
      }
      return `${measured}: the seeds do not show a difference (p = ${formatP(result.pValue)}).${divergence}`;
    case 'variant lower':
      return `${measured}: ${variant} is lower (95 % interval excludes 0, p = ${formatP(result.pValue)}).${divergence}`;
    case 'baseline lower':
      return `${measured}: ${baseline} is lower (95 % interval excludes 0, p = ${formatP(result.pValue)}).${divergence}`;
  }
}

/** A p-value for people. */
export function formatP(value: number | null): string {
  if (value === null) return '–';
  return value < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

/** A share as per cent with two decimals. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
