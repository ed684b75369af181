import type { BackendConfig } from '@dynact/backends';
import { uniformStream } from '@dynact/nn';
import { type Config, parseConfig } from '@dynact/training';
import { resolveModelConfig } from '@dynact/transformer';

/** Sizes of a model and of its batches. */
export interface Shape {
  readonly vocabSize: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly context: number;
  readonly batchSize: number;
  /** Rows and columns of the square matrices whose product is the ceiling. */
  readonly productSize: number;
}

/** The models of the engine benchmark, c and d for GPUs, and one that ends at once, for tests. */
export const models = {
  a: { vocabSize: 4096, width: 256, layers: 4, heads: 4, context: 128, batchSize: 16, productSize: 2048 },
  b: { vocabSize: 8192, width: 384, layers: 6, heads: 4, context: 256, batchSize: 8, productSize: 2048 },
  c: { vocabSize: 8192, width: 512, layers: 8, heads: 8, context: 256, batchSize: 32, productSize: 2048 },
  d: { vocabSize: 50257, width: 768, layers: 12, heads: 12, context: 512, batchSize: 8, productSize: 2048 },
  tiny: { vocabSize: 300, width: 32, layers: 2, heads: 2, context: 16, batchSize: 4, productSize: 128 },
} as const satisfies Record<string, Shape>;

export type ModelName = keyof typeof models;

/** Steps that are not timed: graphs are compiled, memory is taken. */
export const warmUpSteps = 3;

/** Where the engines compute. */
export interface Place {
  /** cpu, webgpu, cuda, cuda:1, ... */
  readonly device: BackendConfig['device'];
  /** Whether ours rounds the terms of products to TF32, on cuda. */
  readonly tf32: boolean;
}

/** Task that every engine is given. */
export interface Workload {
  readonly shape: Shape;
  /** Kind of the feed-forward block. */
  readonly feedForward: string;
  /** Timed steps. */
  readonly steps: number;
}

/**
 * The configuration of a workload: the trainer's defaults beside the model's own shapes.
 * @throws InputError for an unknown feed-forward block
 */
export function workloadConfig({ shape, feedForward, steps }: Workload): Config {
  const { vocabSize: _, productSize: __, batchSize, ...architecture } = shape;
  return parseConfig({
    model: { ...architecture, feedForward: { kind: feedForward } },
    training: { steps: steps + warmUpSteps, batchSize },
  });
}

export function workloadModel(workload: Workload) {
  return resolveModelConfig(workloadConfig(workload).model, workload.shape.vocabSize);
}

/** Random tokens, the same for every engine; the target is a function of the input, so that there is something to learn. */
export function tokenBatches({
  vocabSize,
  context,
}: Shape): (sequences: number) => { inputs: Int32Array; targets: Int32Array } {
  const uniform = uniformStream(0, 'benchmark');
  return (sequences) => {
    const inputs = Int32Array.from({ length: sequences * context }, () => Math.floor(uniform() * vocabSize));
    return { inputs, targets: inputs.map((token) => (7 * token + 3) % vocabSize) };
  };
}
