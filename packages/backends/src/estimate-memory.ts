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
  /** Whatever the forward pass keeps for the backward pass, of one micro-batch. */
  readonly activations: number;
  /** The probabilities of the output, and what they were computed from. */
  readonly logits: number;
  /** Node, the libraries and the program. */
  readonly process: number;
  readonly total: number;
}

/** Numbers (scalars) that a training step holds. */
export interface TrainingSizes {
  /** Trainable ones. */
  readonly parameters: number;
  /** Those of the optimizer's state. */
  readonly optimizerState: number;
  /** Whether gradients of several micro-batches are summed. */
  readonly accumulates: boolean;
  /** Whether a moving average of the parameters is kept. */
  readonly averages: boolean;
  /** Those that the forward pass of one micro-batch keeps for the backward pass. */
  readonly activations: number;
  /** The output of one micro-batch. */
  readonly logits: number;
}

const bytesPerNumber = 4;
/** Copies of a variable that a step assigns: as it was, as the runtime computed it, and as copied out. */
const copiesOfState = 3;
/** Node with TensorFlow.js and ONNX Runtime loaded, before there is a model. */
const processBytes = 235e6;

export function estimateMemory(sizes: TrainingSizes): MemoryEstimate {
  const { parameters, optimizerState, accumulates, averages, activations, logits } = sizes;
  const parts = {
    parameters: bytesPerNumber * copiesOfState * parameters * (accumulates ? 2 : 1),
    optimizer: bytesPerNumber * copiesOfState * (optimizerState + (averages ? parameters : 0)),
    gradients: bytesPerNumber * parameters,
    activations: bytesPerNumber * activations,
    logits: bytesPerNumber * 2 * logits,
    process: processBytes,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}
