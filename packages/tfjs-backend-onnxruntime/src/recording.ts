import { engine, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.ts';
import { unflatten } from './container.ts';
import { InputError } from './errors.ts';
import type { CompiledGraph } from './graph/compiled-graph.ts';
import { sameShape, Value } from './graph/value.ts';
import { withShape } from './runtime/device.ts';
import type { OrtTensor } from './runtime/native.ts';
import type { Spares } from './spares.ts';

/** Where the elements of a graph's input come from at each call. */
export type Source =
  | { kind: 'input'; index: number; shape: readonly number[] }
  | { kind: 'variable'; variable: Variable; shape: readonly number[] }
  | { kind: 'captured'; tensor: OrtTensor };

/** What becomes of a result: where it lies among the graph's outputs, or which source it passes through. */
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
      const tensor = source.kind === 'input' ? (inputs[source.index] as Tensor) : source.variable;
      if (tensor.isDisposed) throw new InputError('compile: a tensor or variable that the function uses is disposed');
      return tensor;
    };
    const fetch = (source: Source): OrtTensor =>
      source.kind === 'captured'
        ? source.tensor
        : leafTensor(backend, backend.borrowedValue(holder(source).dataId), source.shape);
    // A source that is passed through has two holders from now on, perhaps under two shapes.
    const shared = (source: Source): OrtTensor => {
      const tensor = fetch(source);
      backend.pin(tensor);
      if (source.kind !== 'captured') backend.pin(backend.sharedValue(holder(source).dataId).tensor as OrtTensor);
      return tensor;
    };
    const leaves = this.#sources.map(fetch);
    const results = this.#graph ? backend.run(this.#graph, leaves, this.#spares) : [];
    this.#spares.clear();
    // All results are fetched before any variable changes: a result may be a variable's old elements.
    const resolve = (result: Result): OrtTensor =>
      result.kind === 'output' ? (results[result.index] as OrtTensor) : shared(result.source);
    const returned = this.#returned.tensors.map((item) => ({ ...item, tensor: resolve(item.result) }));
    const assigned = this.#assigned.map(({ variable, result }) => ({ variable, result, tensor: resolve(result) }));
    for (const { variable, result, tensor } of assigned) {
      assign(backend, variable, tensor, this.#reclaimer(result, tensor));
    }
    const tensors = returned.map(({ result, tensor, shape, dtype }) => {
      const value = leafValue(tensor, shape);
      value.reclaim = this.#reclaimer(result, tensor);
      const info = backend.tensor(value, dtype);
      return engine().makeTensorFromTensorInfo(info, backend);
    });
    return unflatten(this.#returned.template, tensors);
  }

  dispose(): void {
    this.#graph?.dispose();
  }

  /** What takes a result's elements back for the next call. */
  #reclaimer(result: Result, tensor: OrtTensor): (() => void) | undefined {
    const key = result.kind === 'source' ? undefined : this.#graph?.spareKey(result.index);
    if (key === undefined) return undefined;
    // Not `this`: a variable can outlive the function that assigned it, and must not keep its session.
    const spares = this.#spares;
    return () => spares.add(key, tensor);
  }
}

/** The elements of a value under a shape of the same size; computes them if they are pending. */
export function leafTensor(backend: OnnxRuntimeBackend, value: Value, shape: readonly number[]): OrtTensor {
  if (value.node) backend.elements(value);
  const elements = value.tensor as OrtTensor;
  return sameShape(elements.dims, shape) ? elements : withShape(elements, shape);
}

/** A leaf with these elements under a shape of the same size. */
export function leafValue(tensor: OrtTensor, shape: readonly number[]): Value {
  const type = tensor.type as Value['type'];
  return new Value(type, shape, { tensor: sameShape(tensor.dims, shape) ? tensor : withShape(tensor, shape) });
}

/**
 * Gives a variable other elements, without computing.
 * @param reclaim takes them back once the variable, and whoever cloned it, has others
 */
export function assign(
  backend: OnnxRuntimeBackend,
  variable: Variable,
  tensor: OrtTensor,
  reclaim?: (() => void) | undefined,
): void {
  const value = leafValue(tensor, variable.shape);
  value.reclaim = reclaim;
  if (backend.refCount(variable.dataId) === 1) {
    const old = backend.borrowedValue(variable.dataId);
    backend.replaceValue(variable.dataId, value);
    if (old.tensor !== tensor) backend.release(old);
    return;
  }
  const fresh = engine().makeTensorFromTensorInfo(backend.tensor(value, variable.dtype), backend);
  variable.assign(fresh);
  fresh.dispose();
}
