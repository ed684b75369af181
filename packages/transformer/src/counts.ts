import { createArchitecture } from './architecture.ts';
import type { ResolvedModelConfig } from './config/resolve.ts';

/** How many scalars a model has, and what a token costs. */
export interface ModelCounts {
  /** Every trainable scalar. */
  readonly parameters: number;
  /** Scalars of matrices, a tied embedding counted once: what matrix products read. */
  readonly matrixParameters: number;
  /** Trainable scalars of activations, apart because they differ between variants of equal matrices. */
  readonly activationParameters: number;
  /** Floating-point operations of one training token: 6 x matrixParameters + 12 x layers x width x context. */
  readonly flopsPerToken: number;
}

/** Counts from shapes alone; no tensor is made. */
export function countModel(config: ResolvedModelConfig): ModelCounts {
  const { output, parameters } = createArchitecture(config);
  const sum = (counted: typeof parameters) => counted.reduce((total, { size }) => total + size, 0);
  const trainable = parameters.filter((parameter) => parameter.trainable);
  // An untied input embedding is only looked up; the tied one is also the output matrix.
  const matrixParameters = sum(parameters.filter((parameter) => parameter.group === 'matrix' || parameter === output));
  return {
    parameters: sum(trainable),
    matrixParameters,
    activationParameters: sum(trainable.filter(({ group }) => group === 'activation')),
    flopsPerToken: 6 * matrixParameters + 12 * config.layers * config.width * config.context,
  };
}
