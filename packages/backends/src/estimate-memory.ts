/**
 * Bytes of memory that training takes at its peak on the onnxruntime backend, by what they hold, made from shapes and from
 * what that backend keeps: of the process's resident set on the cpu, of the GPU's own memory on cuda.
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
  /** Node, the libraries and the program; on a GPU, CUDA's context and its libraries' code and workspaces. */
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
/**
 * Copies of a variable that a step assigns, as it was, as the runtime computed it, and in main memory as copied out; what
 * is taken for each byte that is needed; and what is there whatever the model: Node with TensorFlow.js and ONNX Runtime, or
 * CUDA with its libraries and the first regions of each graph. ONNX Runtime takes a GPU's memory in regions that double: the
 * figures are those that an H200 had in use after training of models a, c and d (docs/benchmarks.md of its package).
 */
const cpu = { copiesOfState: 3, taken: 1, processBytes: 235e6 };
const cuda = { copiesOfState: 2, taken: 1.25, processBytes: 2.05e9 };

/** @param device that computes: cpu, or cuda for a GPU's memory */
export function estimateMemory(sizes: TrainingSizes, device = 'cpu'): MemoryEstimate {
  const { copiesOfState, taken, processBytes } = device.startsWith('cuda') ? cuda : cpu;
  const { parameters, optimizerState, accumulates, averages, activations, logits } = sizes;
  const bytes = taken * bytesPerNumber;
  const parts = {
    parameters: bytes * copiesOfState * parameters * (accumulates ? 2 : 1),
    optimizer: bytes * copiesOfState * (optimizerState + (averages ? parameters : 0)),
    gradients: bytes * parameters,
    activations: bytes * activations,
    logits: bytes * 2 * logits,
    process: processBytes,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}
