import { sizeFromShape } from '@dynact/nn';
import type { ResolvedModelConfig } from './config.ts';
import { parameterSpecifications } from './model.ts';

/** How many scalars a model learns, and what a token costs. */
export interface ModelCounts {
  /** Every trainable scalar. */
  readonly parameters: number;
  /** Those of matrices, a tied embedding counted once: what matrix products read. */
  readonly matrixParameters: number;
  /** Those of activations, apart because they differ between variants of equal matrices. */
  readonly activationParameters: number;
  /** Floating-point operations of one training token: 6 x matrixParameters + 12 x layers x width x context. */
  readonly flopsPerToken: number;
}

/** Counts from shapes alone; no tensor is made. */
export function countModel(config: ResolvedModelConfig): ModelCounts {
  let parameters = 0;
  let matrixParameters = 0;
  let activationParameters = 0;
  for (const specification of parameterSpecifications(config)) {
    const size = sizeFromShape(specification.shape);
    if (specification.trainable) parameters += size;
    // An untied input embedding is only looked up; the tied one is also the output matrix.
    const isProduct =
      specification.group === 'matrix' ||
      specification.group === 'output' ||
      (specification.name === 'tokenEmbedding.weight' && config.tieEmbeddings);
    if (isProduct) matrixParameters += size;
    if (specification.group === 'activation' && specification.trainable) activationParameters += size;
  }
  const flopsPerToken = 6 * matrixParameters + 12 * config.layers * config.width * config.context;
  return { parameters, matrixParameters, activationParameters, flopsPerToken };
}
