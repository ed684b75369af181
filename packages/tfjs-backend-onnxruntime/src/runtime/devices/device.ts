import type { FusedKernel } from '../../graph/fusion/kernel.ts';
import type { Pointer } from '../api.ts';
import type { CustomOperator } from '../custom-operators.ts';
import { type ElementType, sizeOf } from '../tensor.ts';

/** A way in which a device's operators differ from ONNX's rules, or do less. Kernels ask for one by its name. */
export type Difference =
  /** Sigmoid is 0 below -18, where it should follow e^x down to e^-87. */
  | 'sigmoidUnderflows'
  /** Gather and the scattering operators do not refuse indices outside a tensor. */
  | 'indicesAreUnchecked'
  /** Relu makes NaN 0. */
  | 'reluLosesNaN'
  /** Clip makes NaN a limit. */
  | 'clipLosesNaN'
  /** Softmax gives zeros where its result is not a number. */
  | 'softmaxLosesNaN'
  /** Cast gives the largest int64 for a float32 beyond all int64, where it is 0 in its low half elsewhere. */
  | 'castSaturates'
  /** Split has at most as many outputs as `splitOutputs` says. */
  | 'splitHasFewOutputs'
  /** Conv does not look at padding after the image where the filter has one element or the image's size. */
  | 'convIgnoresEndPadding'
  /** ConvTranspose is for images only, not for volumes. */
  | 'convTransposeIsFlat'
  /** ConvTranspose is wrong about groups of several outputs. */
  | 'convTransposeMixesGroups'
  /** MaxPool has no second output. */
  | 'maxPoolHasNoPositions'
  /** MaxPool without positions gives NaN for a window that has one; with positions the largest number. */
  | 'maxPoolKeepsNaN'
  /** ScatterElements writes repeated indices in any order. */
  | 'scatterRaces'
  /** Sums and products of whole numbers go through float32, which rounds them beyond 2^24. */
  | 'integersReduceAsFloats'
  /** FusedMatMul, a product of transposed matrices, has no kernel. */
  | 'fusedMatMulIsMissing'
  /** IsNaN has no kernel. */
  | 'isNaNIsMissing'
  /** OneHot has no kernel. */
  | 'oneHotIsMissing'
  /** TopK fills rows up with the lowest finite number, which must not occur beside -infinity. */
  | 'topKFillsUp'
  /** Asin and Acos have four digits; Atan has more. */
  | 'arcSineIsCoarse'
  /** Tanh and Atanh lose the digits of small numbers. */
  | 'tanhIsCoarse';

/** Place where a difference was seen. */
interface Evidence {
  /** The version of ONNX Runtime in which it was seen last. */
  readonly version: string;
  /** The upstream issue, pull request or rule that says so, where one is known. */
  readonly source?: string;
}

/** An execution provider of ONNX Runtime, with its options. */
export interface Provider {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  /** The stream that its sessions use, where it is not one of their own. */
  stream?(): Pointer;
}

/** Memory of a device beside as much in main memory. */
export interface StagedMemory {
  /** Where it lies on the device. */
  readonly address: Pointer;
  /** Elements in main memory. */
  readonly bytes: Uint8Array;
  /** Copies all of it to the device, or from it, after what was started before. */
  upload(): void;
  download(): void;
  free(): void;
}

/** Everything that a run did on the device, with the addresses that it had. */
export interface CapturedGraph {
  /** Starts all of it at once. */
  launch(): void;
  release(): void;
}

/** A device that records what a run does, to do it again at once. */
export interface GraphCapture {
  stage(bytes: number): StagedMemory;
  /** Records what is started on the stream meanwhile. It is not done. */
  record(run: () => void): CapturedGraph;
  /** Whether everything is done that was started. */
  isDone(): boolean;
  /** Blocks until it is. Throws where something failed. */
  wait(): void;
}

/** Facts about a device that graphs run on. */
export interface Device {
  readonly name: 'cpu' | 'webgpu' | 'cuda';
  /** Execution providers before the cpu's, the first that has an operator takes it. */
  readonly providers: readonly Provider[];
  /** ONNX Runtime's name of the device's memory. */
  readonly memory: string;
  /** Number of the GPU among those of its kind. */
  readonly index: number;
  /** Loads what its provider needs. Throws an InputError that says what is missing. */
  prepare?(): void;
  /** Requirements, for the message that says that it does not work. */
  readonly needs: string;
  /** float32 results of at least so many elements stay in the device's memory. */
  readonly residentElements: number;
  /** Compiles kernels for graphs that are captured; present where fewer passes over memory make them faster. */
  readonly operators?: (kernels: readonly FusedKernel[]) => CustomOperator[];
  /** Present where runs can be captured. */
  readonly capture?: GraphCapture;
  /** ONNX Runtime's messages from this level on: other devices warn of every graph that has an operator on the cpu. */
  readonly logging: 'warning' | 'error';
  readonly differences: Readonly<Partial<Record<Difference, Evidence>>>;
  /** Those that kernels leave as they are, because the form without them costs many times as much. */
  readonly accepted?: Readonly<Partial<Record<Difference, Evidence>>>;
}

/** Outputs that Split can have where it has few: a shader may use 8 buffers, and the input is one. */
export const splitOutputs = 7;

/** Whether a result of this kind should stay where it was computed. */
export function staysOnDevice({ residentElements }: Device, type: ElementType, shape: readonly number[]): boolean {
  return type === 'float32' && sizeOf(shape) >= residentElements;
}

/** Whether a difference holds on a device. */
export function differs({ differences }: Device, difference: Difference): boolean {
  return difference in differences;
}
