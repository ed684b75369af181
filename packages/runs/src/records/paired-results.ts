import { comparedValue, type Metric, reductionOf } from './metric.ts';
import type { ComparisonVariant, PairedResult } from './schemas.ts';
import { pairedComparison, type ValueBySeed } from './statistics.ts';

/** Every variant but the baseline (the name of one of them) against it, at each of the steps. */
export function pairedResults(
  metric: Metric,
  variants: readonly ComparisonVariant[],
  baseline: string,
  steps: readonly number[],
): PairedResult[] {
  const reference = variants.filter(({ name }) => name === baseline);
  return variants
    .filter(({ name }) => name !== baseline)
    .flatMap((variant) =>
      steps.map((step) => {
        const statistics = pairedComparison(valuesAt(metric, reference, step), valuesAt(metric, [variant], step));
        const { meanDifference } = statistics;
        const isShare = metric.scale === 'exponential' && meanDifference !== null;
        const relativeReduction = isShare ? reductionOf(meanDifference) : null;
        return { baseline, variant: variant.name, step, ...statistics, relativeReduction };
      }),
    );
}

function valuesAt(metric: Metric, variants: readonly ComparisonVariant[], step: number): ValueBySeed {
  const runs = variants.flatMap((variant) => variant.runs);
  return new Map(
    runs.map(({ seed, evaluations }) => {
      const point = evaluations.find((evaluation) => evaluation.step === step);
      return [seed, point === undefined ? null : comparedValue(metric, point)];
    }),
  );
}
