import type { ResolvedModelConfig } from '@dynact/transformer';
import type { TrainingConfig } from '../config/schema.ts';

/**
 * Bytes of main memory that training takes at its peak, by what they hold: an estimate of the resident set of the
 * process on the onnxruntime backend's CPU device, made from shapes and from what that backend keeps.
 */
export interface MemoryEstimate {
  /** Weights, and the sums of accumulated gradients. */
  readonly parameters: number;
  /** The optimizer's state, and the moving average of the weights. */
  readonly optimizer: number;
  readonly gradients: number;
  /** What the forward pass keeps for the backward pass, of one pass over `batchSize` sequences. */
  readonly activations: number;
  /** The probabilities of the output, and what they were computed from. */
  readonly logits: number;
  /** Node, the libraries and the program. */
  readonly process: number;
  readonly total: number;
}

const bytesPerNumber = 4;
/** What is assigned in a step lies in memory three times: as it was, as the runtime computed it, and as copied out. */
const copiesOfState = 3;
/** Node with TensorFlow.js and ONNX Runtime loaded, before there is a model. */
const processBytes = 235e6;

/** @param sizes scalars: of the learned parameters, and of the optimizer's slots */
export function estimateMemory(
  model: ResolvedModelConfig,
  training: TrainingConfig,
  sizes: { parameters: number; slotElements: number },
): MemoryEstimate {
  const { parameters, slotElements } = sizes;
  const { batchSize, gradientAccumulation, movingAverage } = training;
  const { layers, width, heads, kvHeads, headWidth, context, vocabularySize, feedForwards } = model;
  const rows = batchSize * context;
  // Of width: two normed inputs, two normalised ones, two sums of the stream, the query before and after its rotation,
  // the attended values in two orders. Gate, up and their product are as wide as the block; scores as the context.
  const perToken = 8 * width + 4 * kvHeads * headWidth + heads * context;
  const betweenMatrices = feedForwards.reduce((sum, { gated, hiddenWidth }) => sum + (gated ? 3 : 2) * hiddenWidth, 0);
  const parts = {
    parameters: copiesOfState * parameters * (gradientAccumulation === 1 ? 1 : 2),
    optimizer: copiesOfState * (slotElements + (movingAverage === null ? 0 : parameters)),
    gradients: parameters,
    activations: rows * (layers * perToken + betweenMatrices),
    logits: 2 * rows * vocabularySize,
  };
  const bytes = Object.fromEntries(
    Object.entries(parts).map(([name, numbers]) => [name, numbers * bytesPerNumber]),
  ) as Record<keyof typeof parts, number>;
  const total = Object.values(bytes).reduce((sum, part) => sum + part, processBytes);
  return { ...bytes, process: processBytes, total };
}
