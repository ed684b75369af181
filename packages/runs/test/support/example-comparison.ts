import { type Comparison, comparisonSchema, type EvaluationPoint, pairedComparison } from '../../src/records/index.ts';

export interface Example {
  readonly names?: readonly string[];
  readonly seeds?: readonly number[];
  readonly checkpoints?: readonly number[];
  /** How far the loss of each further variant lies below the one before it at the last checkpoint, in nats. */
  readonly gain?: number;
  /** Runs that stop after half of the checkpoints, as `name/seed`. */
  readonly diverged?: readonly string[];
}

function evaluation(step: number, loss: number): EvaluationPoint {
  return { step, loss, perplexity: Math.exp(loss), bitsPerByte: loss / 2.4 };
}

/** A comparison as training would write it, with losses from a formula: from ln 4096 down towards 4.6. */
export function exampleComparison(example: Example = {}): Comparison {
  const names = example.names ?? ['swiglu', 'dynactglu'];
  const seeds = example.seeds ?? [0, 1, 2, 3, 4, 5];
  const checkpoints = example.checkpoints ?? [100, 250, 500, 1000, 2000];
  const gain = example.gain ?? 0.02;
  const diverged = new Set(example.diverged);
  const last = Math.max(...checkpoints);
  const variants = names.map((name, index) => ({
    name,
    parameters: 4_253_440 + 2 * index,
    flopsPerToken: 25_497_600,
    runs: seeds.map((seed) => {
      const spread = 0.01 * Math.sin(seed * 12.9898);
      const own = 0.003 * Math.sin(seed * 78.233 + index * 2.1);
      const steps = diverged.has(`${name}/${seed}`) ? checkpoints.slice(0, checkpoints.length >> 1) : checkpoints;
      const losses = steps.map((step) =>
        evaluation(step, 4.6 + 3.7 / (1 + step / 120) + spread + own - (gain * index * step) / last),
      );
      return {
        seed,
        status: diverged.has(`${name}/${seed}`) ? ('diverged' as const) : ('finished' as const),
        evaluations: [evaluation(0, 8.32 + spread), ...losses],
      };
    }),
  }));
  const lossesAt = (index: number, step: number) =>
    new Map(
      variants[index]!.runs.map((run) => [
        run.seed,
        run.evaluations.find((point) => point.step === step)?.loss ?? null,
      ]),
    );
  const paired = names.slice(1).flatMap((variant, index) =>
    checkpoints.map((step) => ({
      baseline: names[0]!,
      variant,
      step,
      ...pairedComparison(lossesAt(0, step), lossesAt(index + 1, step)),
    })),
  );
  return comparisonSchema.parse({
    dataset: 'gutenberg-prose',
    steps: last,
    checkpoints,
    seeds,
    unigramPerplexity: 743.2,
    variants,
    paired,
  });
}
