import { type KernelFunc, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import { runOnCpu } from '../fallback.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { sizeOf } from '../graph/value.ts';

type Result = TensorInfo | TensorInfo[];

/** tfjs-core declares every input as possibly missing; optional ones are checked where a kernel has them. */
type Present<Inputs> = Inputs extends readonly unknown[]
  ? Inputs
  : { readonly [Name in keyof Inputs]-?: NonNullable<Inputs[Name]> };

/** A kernel call as tfjs makes it, with the graph to append to. */
export interface KernelCall<Inputs, Attributes> {
  readonly inputs: Present<Inputs>;
  readonly attrs: Attributes;
  readonly backend: OnnxRuntimeBackend;
  readonly builder: GraphBuilder;
}

/** A tfjs kernel that appends operators to the pending graph. */
export interface GraphKernel {
  readonly name: string;
  /** Appends the operators; undefined when ONNX cannot express this combination, which the cpu kernel then computes. */
  append(call: KernelCall<unknown, unknown>): Result | undefined;
  /** Whether a tensor can be an input; the cpu kernel computes what has others. */
  accepts(tensor: TensorInfo): boolean;
}

const graphTypes = new Set(['float32', 'int32', 'bool']);

/** Accepts also strings, complex numbers and tensors without elements. */
export const anything = () => true;

/** Strings and complex numbers have no ONNX kernels. */
export const isNumeric = (tensor: TensorInfo): boolean => graphTypes.has(tensor.dtype);

/** Accepts what most kernels can: operators disagree about tensors without elements. */
const isNumericAndFilled = (tensor: TensorInfo): boolean => isNumeric(tensor) && sizeOf(tensor.shape) > 0;

/** Types one kernel. `Inputs` and `Attributes` are those that tfjs-core exports for it. */
export function graphKernel<Inputs, Attributes = unknown>(
  name: string,
  append: (call: KernelCall<Inputs, Attributes>) => Result | undefined,
  accepts = isNumericAndFilled,
): GraphKernel {
  return { name, append: append as GraphKernel['append'], accepts };
}

/** Registers a kernel for the backend of this name. */
export function registerGraphKernel(kernel: GraphKernel, backendName: string): void {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend: anyBackend }) => {
    const backend = anyBackend as OnnxRuntimeBackend;
    const tensors = Object.values(inputs) as (TensorInfo | undefined)[];
    const fits = tensors.every((tensor) => !tensor || kernel.accepts(tensor));
    backend.enter(kernel.name, tensors);
    const result = fits ? kernel.append({ inputs, attrs, backend, builder: backend.builder }) : undefined;
    return result ?? runOnCpu(kernel.name, inputs, attrs, backend);
  };
  registerKernel({ kernelName: kernel.name, backendName, kernelFunc });
}
