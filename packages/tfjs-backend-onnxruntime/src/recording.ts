import { engine, type Tensor, type TensorInfo, type Variable } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.ts';
import { unflatten } from './container.ts';
import { InputError } from './errors.ts';
import type { CompiledGraph } from './graph/compiled-graph.ts';
import { leafOfTensor } from './graph/leaf.ts';
import type { Leaf, OrtTensor, Value } from './graph/value.ts';
import type { Spares } from './memory.ts';
import { withShape } from './runtime/device.ts';

/** Source of the elements of a graph's input at each call. */
export type Source =
  | { kind: 'input'; index: number; shape: readonly number[] }
  | { kind: 'variable'; variable: Variable; shape: readonly number[] }
  | { kind: 'captured'; tensor: OrtTensor };

/** Origin of a result: its place among the graph's outputs, or the source that it passes through. */
export type Result = { kind: 'output'; index: number } | { kind: 'source'; source: Source };

/** A tensor that the function returns. */
export interface ReturnedTensor {
  readonly result: Result;
  readonly shape: number[];
  readonly dtype: Tensor['dtype'];
}

/** A function's results: its tensors, and the container that they fill. */
export interface Returned {
  readonly tensors: readonly ReturnedTensor[];
  readonly template: unknown;
}

/** A function as one compiled graph. */
export class Recording {
  readonly #backend: OnnxRuntimeBackend;
  readonly #graph: CompiledGraph | undefined;
  readonly #sources: readonly Source[];
  readonly #assigned: readonly { variable: Variable; result: Result }[];
  readonly #returned: Returned;
  readonly #spares: Spares;

  /** @param spares of the function that was recorded: its recordings share them */
  constructor(
    backend: OnnxRuntimeBackend,
    graph: CompiledGraph | undefined,
    sources: readonly Source[],
    assigned: readonly { variable: Variable; result: Result }[],
    returned: Returned,
    spares: Spares,
  ) {
    this.#backend = backend;
    this.#spares = spares;
    this.#graph = graph;
    this.#sources = sources;
    this.#assigned = assigned;
    this.#returned = returned;
  }

  /** Computes the function for these inputs: assigns its variables, and returns fresh tensors. */
  run(inputs: readonly Tensor[]): unknown {
    const backend = this.#backend;
    const holder = (source: Exclude<Source, { kind: 'captured' }>): Tensor => {
      const tensor = source.kind === 'input' ? inputs[source.index]! : source.variable;
      if (tensor.isDisposed) throw new InputError('compile: a tensor or variable that the function uses is disposed');
      return tensor;
    };
    const fetch = (source: Source): OrtTensor =>
      source.kind === 'captured'
        ? source.tensor
        : withShape(computedLeaf(backend, backend.borrowedValue(holder(source).dataId)).tensor, source.shape);
    // A source that is passed through has two holders from now on, perhaps under two shapes.
    const shared = (source: Source): OrtTensor => {
      const tensor = fetch(source);
      backend.pin(tensor);
      if (source.kind !== 'captured') backend.pin(sharedLeaf(backend, holder(source)).tensor);
      return tensor;
    };
    const leaves = this.#sources.map(fetch);
    const results = this.#graph ? backend.run(this.#graph, leaves, this.#spares) : [];
    this.#spares.clear();
    // All results are fetched before any variable changes: a result may be a variable's old elements.
    const resolve = (result: Result): OrtTensor =>
      result.kind === 'output' ? results[result.index]! : shared(result.source);
    const returned = this.#returned.tensors.map(({ result }) => resolve(result));
    const assigned = this.#assigned.map(({ result }) => resolve(result));
    for (const [index, { variable, result }] of this.#assigned.entries()) {
      assign(backend, variable, this.#leaf(result, assigned[index]!, variable.shape));
    }
    const tensors = this.#returned.tensors.map(({ result, shape, dtype }, index) => {
      const info = backend.tensor(this.#leaf(result, returned[index]!, shape), dtype);
      return engine().makeTensorFromTensorInfo(info, backend);
    });
    return unflatten(this.#returned.template, tensors);
  }

  dispose(): void {
    this.#graph?.dispose();
  }

  /** A result as a leaf, whose elements the next call takes back where it can. */
  #leaf(result: Result, tensor: OrtTensor, shape: readonly number[]): Leaf {
    const leaf = leafOfTensor(tensor, shape);
    const key = result.kind === 'source' ? undefined : this.#graph?.spareKey(result.index);
    if (key !== undefined) this.#spares.claim(leaf, key, tensor);
    return leaf;
  }
}

/** A value as a leaf; computes it if it is pending. */
export function computedLeaf(backend: OnnxRuntimeBackend, value: Value): Leaf {
  return value.kind === 'leaf' ? value : backend.computed(value);
}

/** A tensor as a leaf that the caller may keep; computes it if it is pending. */
export function sharedLeaf(backend: OnnxRuntimeBackend, { dataId }: TensorInfo): Leaf {
  return computedLeaf(backend, backend.sharedValue(dataId));
}

/** Gives a variable other elements, without computing. */
export function assign(backend: OnnxRuntimeBackend, variable: Variable, leaf: Leaf): void {
  if (backend.refCount(variable.dataId) === 1) {
    const old = backend.borrowedValue(variable.dataId);
    backend.replaceValue(variable.dataId, leaf);
    if (old.kind !== 'leaf' || old.tensor !== leaf.tensor) backend.release(old);
    return;
  }
  const fresh = engine().makeTensorFromTensorInfo(backend.tensor(leaf, variable.dtype), backend);
  variable.assign(fresh);
  fresh.dispose();
}
