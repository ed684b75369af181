import { holmFamily, holmPValue } from './holm.ts';
import { formatDifference, formatP, type Metric, roundsToNothing } from './metric.ts';
import type { Comparison, PairedResult } from './schemas.ts';
import { favorsVariant, fewestSeedsFor, isSignificant, verdict } from './statistics.ts';

/** How many runs of a variant diverged. */
export function divergedRuns(comparison: Comparison, name: string): number {
  const variant = comparison.variants.find((candidate) => candidate.name === name);
  return variant?.runs.filter((run) => run.status === 'diverged').length ?? 0;
}

/** Whether a run of any variant has diverged. */
export function hasDiverged(comparison: Comparison): boolean {
  return comparison.variants.some(({ name }) => divergedRuns(comparison, name) > 0);
}

/** The paired results at the last evaluation step, one for each variant that is not the baseline. */
export function lastPaired(comparison: Comparison): PairedResult[] {
  const last = Math.max(...comparison.evaluationSteps);
  return comparison.paired.filter((result) => result.step === last);
}

/**
 * One sentence that says which of the two is better at that step, by how much, and whether the seeds support saying so.
 * Where several variants are compared with the baseline, Holm's correction decides.
 */
export function verdictSentence(comparison: Comparison, result: PairedResult): string {
  const { metric } = comparison;
  const { baseline, variant, step, n, meanDifference: difference } = result;
  const diverged = {
    baseline: divergedRuns(comparison, baseline),
    variant: divergedRuns(comparison, variant),
  };
  const lost = [
    ...(diverged.variant > 0 ? [`${diverged.variant} of ${variant}`] : []),
    ...(diverged.baseline > 0 ? [`${diverged.baseline} of ${baseline}`] : []),
  ];
  const divergence = lost.length === 0 ? '' : ` Diverged runs: ${lost.join(', ')}.`;
  if (difference === null) {
    return `${variant} and ${baseline} have no seed with a value on both sides at step ${step}.${divergence}`;
  }
  const size = formatDifference(metric, difference);
  const over = `over ${n === 1 ? '1 seed' : `${n} seeds`}`;
  const measured = roundsToNothing(metric, difference)
    ? `At step ${step}, ${variant} and ${baseline} show no difference in ${metric.name} (${size}) ${over}`
    : `At step ${step}, ${variant} has ${size} ${difference < 0 ? 'lower' : 'higher'} ${metric.name} than ${baseline} ${over}`;
  const corrected = { ...result, pValue: holmPValue(comparison, result) };
  const comparisons = Math.max(1, holmFamily(comparison, result).length);
  return `${measured}: ${conclusion(corrected, metric, diverged, comparisons)}.${divergence}`;
}

function conclusion(
  result: PairedResult,
  metric: Metric,
  diverged: { readonly baseline: number; readonly variant: number },
  comparisons: number,
): string {
  const p = `p = ${formatP(result.pValue)}${comparisons > 1 ? " by Holm's correction" : ''}`;
  const ahead = favorsVariant(result.meanDifference ?? 0, metric) ? result.variant : result.baseline;
  switch (verdict(result, metric, diverged, comparisons)) {
    case 'too few seeds to conclude':
      return `too few seeds to conclude (at least ${fewestSeedsFor(comparisons)} are needed)`;
    case 'no difference shown':
      if (isSignificant(result, metric)) return `no win is claimed, because ${ahead} has diverged runs`;
      return `the seeds do not show a difference (${p})`;
    default:
      return `${ahead} is better (95 % interval excludes 0, ${p})`;
  }
}
