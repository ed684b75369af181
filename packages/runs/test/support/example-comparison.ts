import {
  type Comparison,
  comparisonSchema,
  type EvaluationPoint,
  type Metric,
  pairedResults,
  perplexity,
} from '../../src/records/index.ts';

export interface Example {
  readonly names?: readonly string[];
  readonly seeds?: readonly number[];
  readonly evaluationSteps?: readonly number[];
  /** A metric other than perplexity; its values follow from the losses: better where they are lower. */
  readonly metric?: Metric;
  /** How far the loss of each further variant lies below the one before it at the last evaluation step, in nats. */
  readonly gain?: number;
  /** Runs that stop after half of the evaluation steps, as `name/seed`. */
  readonly diverged?: readonly string[];
}

export const accuracy: Metric = { name: 'accuracy', unit: '%', lowerIsBetter: false, scale: 'linear' };
export const areaUnderCurve: Metric = { name: 'AUC', unit: '', lowerIsBetter: false, scale: 'linear' };

function evaluation(metric: Metric, step: number, loss: number): EvaluationPoint {
  if (metric === perplexity) return { step, loss, metrics: { perplexity: Math.exp(loss), bitsPerByte: loss / 2.4 } };
  return { step, loss, metrics: { [metric.name]: (metric.unit === '%' ? 100 : 1) * Math.exp(-loss / 10) } };
}

/** A comparison as training would write it, with losses from a formula: from ln 4096 down towards 4.6. */
export function exampleComparison(example: Example = {}): Comparison {
  const names = example.names ?? ['swiglu', 'dynactglu'];
  const seeds = example.seeds ?? [0, 1, 2, 3, 4, 5];
  const metric = example.metric ?? perplexity;
  const evaluationSteps = example.evaluationSteps ?? [100, 250, 500, 1000, 2000];
  const gain = example.gain ?? 0.02;
  const diverged = new Set(example.diverged);
  const last = Math.max(...evaluationSteps);
  const variants = names.map((name, index) => ({
    name,
    parameters: 4_253_440 + 2 * index,
    flopsPerToken: 25_497_600,
    runs: seeds.map((seed) => {
      const spread = 0.01 * Math.sin(seed * 12.9898);
      const own = 0.003 * Math.sin(seed * 78.233 + index * 2.1);
      const steps = diverged.has(`${name}/${seed}`)
        ? evaluationSteps.slice(0, evaluationSteps.length >> 1)
        : evaluationSteps;
      const losses = steps.map((step) =>
        evaluation(metric, step, 4.6 + 3.7 / (1 + step / 120) + spread + own - (gain * index * step) / last),
      );
      return {
        seed,
        status: diverged.has(`${name}/${seed}`) ? ('diverged' as const) : ('finished' as const),
        evaluations: [evaluation(metric, 0, 8.32 + spread), ...losses],
      };
    }),
  }));
  return comparisonSchema.parse({
    dataset: 'gutenberg-prose',
    metric,
    steps: last,
    evaluationSteps,
    seeds,
    ...(metric === perplexity ? { unigramPerplexity: 743.2 } : {}),
    variants,
    paired: pairedResults(metric, variants, names[0]!, evaluationSteps),
  });
}
