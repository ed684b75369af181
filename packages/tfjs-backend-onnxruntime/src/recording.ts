import { engine, type Tensor, type TensorInfo, type Variable } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.ts';
import { assign, type Change, Changes, exchange } from './changes.ts';
import { unflatten } from './container.ts';
import { DeferredRun } from './deferred-run.ts';
import { InputError } from './errors.ts';
import type { CompiledGraph, GraphRun } from './graph/compiled-graph.ts';
import { leafOfTensor } from './graph/leaf.ts';
import { type Leaf, type Node, type OrtTensor, type Pending, pending, type Value } from './graph/value.ts';
import { type Spares, share } from './memory.ts';
import { resident, withShape } from './runtime/device.ts';
import { deviceOf } from './runtime/devices/index.ts';

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

  /**
   * Computes the function for these inputs: assigns its variables, and returns fresh tensors. A long run is put off until
   * somebody needs one of them or calls again; where it fails then, the variables get their old elements back.
   */
  run(inputs: readonly Tensor[]): unknown {
    const backend = this.#backend;
    backend.finishDeferred();
    this.#spares.reclaim();
    const holder = (source: Exclude<Source, { kind: 'captured' }>): Tensor => {
      const tensor = source.kind === 'input' ? inputs[source.index]! : source.variable;
      if (tensor.isDisposed) throw new InputError('compile: a tensor or variable that the function uses is disposed');
      return tensor;
    };
    const fetch = (source: Source): OrtTensor => {
      if (source.kind === 'captured') return source.tensor;
      return withShape(computedLeaf(backend, backend.borrowedValue(holder(source).dataId)).tensor, source.shape);
    };
    // A source that is passed through has two holders from now on, perhaps under two shapes.
    const shared = (source: Source): OrtTensor => {
      const tensor = fetch(source);
      backend.pin(tensor);
      if (source.kind !== 'captured') backend.pin(sharedLeaf(backend, holder(source)).tensor);
      return tensor;
    };
    const leaves = this.#sources.map((source) => {
      const tensor = fetch(source);
      return source.kind === 'variable' ? this.#moved(source.variable, tensor) : tensor;
    });
    // Whoever takes the call back gets elements, and none that are to be computed of what is gone by then.
    for (const { variable } of this.#assigned) {
      computedLeaf(backend, backend.borrowedValue(holder({ kind: 'variable', variable, shape: [] }).dataId));
    }
    const run = this.#graph && backend.prepare(this.#graph, leaves, this.#spares);
    const isDeferred = this.#graph?.isLong === true;
    if (!isDeferred) run?.finish();
    // What follows takes as long as a GPU takes for a small model: it computes meanwhile.
    else if (run?.isCaptured) void run.start();
    this.#spares.clear();
    // All results are fetched before any variable changes: a result may be a variable's old elements.
    const outputs = new Map<Pending, Computed>();
    const valueFor = (result: Result, shape: readonly number[]): Value => {
      if (result.kind === 'source') return leafOfTensor(shared(result.source), shape);
      const tensor = run!.results[result.index]!;
      const key = this.#graph!.spareKey(result.index);
      if (!isDeferred) return this.#claim(leafOfTensor(tensor, shape), { tensor, key });
      const output = pending({ type: tensor.type, shape }, callNode);
      outputs.set(output, { tensor, key });
      return output;
    };
    const returned = this.#returned.tensors.map(({ result, shape }) => valueFor(result, shape));
    const assigned = this.#assigned.map(({ variable, result }) => ({
      variable,
      value: valueFor(result, variable.shape),
    }));
    const changes = assigned.map(({ variable, value }) => ({ variable, value, ...exchange(backend, variable, value) }));
    if (run && isDeferred) this.#defer(run, outputs, changes);
    else this.#spares.keep(new Changes(backend, changes));
    const tensors = this.#returned.tensors.map(({ dtype }, index) =>
      engine().makeTensorFromTensorInfo(backend.tensor(returned[index]!, dtype), backend),
    );
    return unflatten(this.#returned.template, tensors);
  }

  dispose(): void {
    try {
      this.#backend.finishDeferred();
    } finally {
      this.#spares.reclaim();
      this.#spares.clear();
      this.#graph?.dispose();
    }
  }

  /** A variable's elements where the graph runs: one that was written by JavaScript would else be copied there at every call. */
  #moved(variable: Variable, tensor: OrtTensor): OrtTensor {
    const moved = resident(deviceOf(this.#backend.options), tensor);
    if (moved !== tensor) assign(this.#backend, variable, leafOfTensor(moved, variable.shape));
    return moved;
  }

  #defer(run: GraphRun, outputs: ReadonlyMap<Pending, Computed>, changes: readonly Change[]): void {
    const backend = this.#backend;
    const tensors = [...outputs].map(([value, { tensor }]) => [value, withShape(tensor, value.shape)] as const);
    const succeed = () => {
      for (const [value, computed] of outputs) if (!value.isShared) this.#claim(value, computed);
      this.#spares.keep(new Changes(backend, changes));
    };
    const fail = (error: Error, isAwaited: boolean) => {
      for (const value of outputs.keys()) value.failure = error;
      for (const { variable, value, old } of changes) {
        if (variable.isDisposed || backend.borrowedValue(variable.dataId) !== value) continue;
        // A clone of the variable may have them, too.
        if (old.kind === 'leaf') backend.pin(share(old).tensor);
        exchange(backend, variable, old);
      }
      if (!isAwaited) throw error;
    };
    backend.deferred = new DeferredRun(run, { outputs: new Map(tensors), succeed, fail });
  }

  /** Lets the next call take a result back where it can. */
  #claim<V extends Value>(value: V, { tensor, key }: Computed): V {
    if (value.kind === 'leaf' && key !== undefined) this.#spares.claim(value, key, tensor);
    return value;
  }
}

/** A result as the graph made it, and its key among spares. */
interface Computed {
  readonly tensor: OrtTensor;
  readonly key: string | undefined;
}

/** Stands for a call that was put off: it is finished before anybody plans a graph with its results. */
const callNode: Node = {
  op: 'call',
  domain: '',
  attributes: {},
  signature: 'call',
  inputs: [],
  outputs: [],
  origin: undefined,
};

/** A value as a leaf; computes it if it is pending. */
export function computedLeaf(backend: OnnxRuntimeBackend, value: Value): Leaf {
  return value.kind === 'leaf' ? value : backend.computed(value);
}

/** A tensor as a leaf that the caller may keep; computes it if it is pending. */
export function sharedLeaf(backend: OnnxRuntimeBackend, { dataId }: TensorInfo): Leaf {
  return computedLeaf(backend, backend.sharedValue(dataId));
}
