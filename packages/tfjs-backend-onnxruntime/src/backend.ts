import type { BackendTimingInfo, TensorInfo } from '@tensorflow/tfjs-core';
import { computeLater, computeNow, type DeferredRun, isolate } from './deferred-run.ts';
import { InputError } from './errors.ts';
import { FlushPolicy } from './flush-policy.ts';
import { GraphBuilder } from './graph/builder.ts';
import type { CompiledGraph, GraphRun } from './graph/compiled-graph.ts';
import type { Graph } from './graph/graph.ts';
import { leafOf, leafOfShape, type TypedElements, tensorElements } from './graph/leaf.ts';
import type { Leaf, NumericArray, OrtTensor, Pending, Value } from './graph/value.ts';
import { type BackendStatistics, GraphRunner } from './graph-runner.ts';
import { DeviceMemory, type Spares, share } from './memory.ts';
import { type BackendOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import type { ProfileRow } from './profile.ts';
import { deviceOf } from './runtime/devices/index.ts';
import type { Disposable } from './runtime/session-cache.ts';
import { TensorStorage } from './tensor-storage.ts';

/** Refuses reads while a function is being recorded: see compile. */
export interface ReadGuard {
  check(value: Value): void;
  readonly recording: object;
}

/**
 * A tfjs backend whose kernels do not compute. Each appends operators to a pending graph; a read computes every live
 * pending tensor in one ONNX Runtime session, compiled once per graph structure.
 */
export class OnnxRuntimeBackend extends TensorStorage {
  readonly options: ResolvedOptions;
  readonly builder: GraphBuilder;
  /** Set while a function is being recorded. */
  readGuard: ReadGuard | undefined;
  /** The run that was put off or is under way; the next is computed after it. */
  deferred: DeferredRun | undefined;
  readonly #runner: GraphRunner;
  readonly #policy: FlushPolicy;
  readonly #memory = new DeviceMemory();
  readonly #owned = new Set<WeakRef<Disposable>>();

  constructor(options: BackendOptions = {}) {
    super();
    this.options = resolveOptions(options);
    this.builder = new GraphBuilder(deviceOf(this.options));
    this.#policy = new FlushPolicy(this.options.pendingOperators);
    this.#runner = new GraphRunner(this.options);
  }

  /** Counters of what the backend did. */
  get statistics(): BackendStatistics {
    return this.#runner.statistics;
  }

  override async time(run: () => void): Promise<BackendTimingInfo> {
    this.flush();
    const start = performance.now();
    run();
    this.flush();
    return { kernelMs: performance.now() - start };
  }

  /** Releases every compiled graph. Tensors stay readable. */
  override dispose(): void {
    this.finishDeferred();
    this.#runner.dispose();
    for (const owned of this.#owned) owned.deref()?.dispose();
    this.#owned.clear();
  }

  /** Releases something together with this backend, unless it was collected before: what it holds is freed then. */
  own(disposable: Disposable): void {
    for (const owned of this.#owned) if (owned.deref() === undefined) this.#owned.delete(owned);
    this.#owned.add(new WeakRef(disposable));
  }

  // ---- what kernels use

  /** Notes which kernel call the next operators belong to. */
  enter(kernel: string, inputs: readonly (TensorInfo | undefined)[]): void {
    if (!this.readGuard && this.#policy.atKernel(this.builder.pending)) this.flush();
    this.builder.origin = {
      kernel,
      shapes: inputs.map((input) => input?.shape ?? []),
      stack: this.options.debug ? new Error(kernel).stack : undefined,
    };
  }

  /** Counts a kernel call that tfjs-backend-cpu computes. */
  countFallback(kernel: string, inputs: readonly (TensorInfo | undefined)[]): void {
    const { fallbacks } = this.statistics;
    const call = this.options.debug
      ? `${kernel}(${inputs.map((t) => t && `${t.dtype}[${t.shape}]`).join(', ')})`
      : kernel;
    fallbacks[call] = (fallbacks[call] ?? 0) + 1;
  }

  /** The elements of a tensor as a value of the pending graph, under the tensor's own shape. */
  value(tensor: TensorInfo): Value {
    const value = this.valueBehind(tensor.dataId);
    if (value === undefined) throw new InputError(`a ${tensor.dtype} tensor cannot be part of a graph`);
    return value.kind === 'leaf' ? leafOfShape(value, tensor.shape) : this.builder.reshape(value, tensor.shape);
  }

  override leaf(elements: NumericArray, shape: readonly number[]): Leaf {
    return leafOf(elements, shape, this.readGuard?.recording);
  }

  /** The elements of a tensor that is neither pending nor strings or complex numbers. Computes nothing. */
  knownElements(tensor: TensorInfo): TypedElements | undefined {
    const value = this.valueBehind(tensor.dataId);
    return value?.kind === 'leaf' ? tensorElements(value) : undefined;
  }

  /** Whether a tensor's elements are known, and those of every run of the graph that is being made. */
  isConstant(tensor: TensorInfo): boolean {
    const value = this.valueBehind(tensor.dataId);
    return value?.kind === 'leaf' && (!this.readGuard || value.recording === this.readGuard.recording);
  }

  /** Leaves a tensor's device memory to the garbage collector: more than one leaf has it. */
  pin(tensor: OrtTensor): void {
    this.#memory.pin(tensor);
  }

  /** Takes back memory of a value that nobody holds any more; a device's once no pending operator reads it. */
  override release(value: Value): void {
    this.#memory.release(value);
    if (this.builder.pending === 0) this.#freeReleased();
  }

  // ---- running

  /**
   * Computes every live pending tensor; nothing while a function is being recorded. Throws when the graph fails, and
   * leaves its tensors pending: from then on each is computed on its own, when it is read, so that one that cannot be
   * computed does not stand in the way of the others.
   */
  flush(): void {
    if (this.readGuard) return;
    this.finishDeferred();
    const outputs = this.#livePending();
    try {
      this.#compute(outputs);
    } catch (error) {
      isolate(outputs);
      throw error;
    }
  }

  /** Finishes the run that was put off or is under way. Throws its error where nobody gets that from a tensor. */
  finishDeferred(): void {
    const run = this.deferred;
    this.deferred = undefined;
    run?.finish();
    if (this.builder.pending === 0) this.#freeReleased();
  }

  override elements(value: Value): TypedElements {
    return tensorElements(this.computed(value));
  }

  override async elementsLater(value: Value): Promise<TypedElements> {
    share(value);
    // Each turn ends one run; whatever JavaScript does meanwhile may have finished it, and put off another.
    for (let run = this.#runFor(value); run; run = this.#runFor(value)) {
      if (value.kind === 'pending' && run.gives(value)) run.isAwaited = true;
      await run.start();
      if (this.deferred === run) this.finishDeferred();
    }
    return this.elements(value);
  }

  /** The value as a leaf; computes it if it is pending. It is shared from then on. */
  computed(value: Value): Leaf {
    this.readGuard?.check(value);
    if (!this.readGuard && value.kind === 'pending') this.finishDeferred();
    if (value.kind === 'pending' && value.failure) throw value.failure;
    if (value.kind === 'pending' && !this.readGuard && !value.isolated) {
      try {
        this.flush();
      } catch {
        // Perhaps another tensor's failure: if it is this one's, it throws again below.
      }
    }
    // It failed with others, it has no live data id, or a function is being recorded: nothing else may be computed then.
    let isNew = false;
    if (value.kind === 'pending') {
      this.#compute([value]);
      isNew = true;
    }
    if (value.kind !== 'leaf') throw new Error('a constant of a graph has no tensor');
    if (isNew) value.recording = this.readGuard?.recording;
    return share(value);
  }

  /** Compiles a graph for this backend's device and threads, whose runs can take spares. */
  compileGraph(graph: Graph): CompiledGraph {
    return this.#runner.compile(graph, true);
  }

  /** A run of a compiled graph, which is counted. @param spares see CompiledGraph.prepare */
  prepare(graph: CompiledGraph, leaves: readonly OrtTensor[], spares?: Spares): GraphRun {
    return this.#runner.prepare(graph, leaves, spares);
  }

  /** Time of every operator, the longest first, of graphs since the last call. Needs the option `profileFolder`. */
  profile(): ProfileRow[] {
    this.finishDeferred();
    return this.#runner.profile();
  }

  protected override beforeWrite(): void {
    if (!this.readGuard && this.#policy.atWrite(this.builder.pending)) this.flush();
  }

  protected override variableAssigned(): void {
    this.#policy.variableAssigned();
  }

  /** Frees what was released on a device, but for what the graph that is being recorded may still read. */
  #freeReleased(): void {
    if (!this.readGuard && !this.deferred) this.#memory.free();
  }

  #livePending(): Pending[] {
    const isOpen = (value: Pending) => !value.isolated && !value.failure;
    return this.liveValues().flatMap((value) => (value.kind === 'pending' && isOpen(value) ? [value] : []));
  }

  /** The run that comes before a value's elements, if JavaScript should go on meanwhile. */
  #runFor(value: Value): DeferredRun | undefined {
    if (this.readGuard || value.kind !== 'pending' || value.failure) return undefined;
    if (this.deferred || value.isolated) return this.deferred;
    this.deferred = computeLater(this.#runner, [...new Set([...this.#livePending(), value])]);
    if (this.deferred) this.#begin();
    return this.deferred;
  }

  #compute(values: readonly Value[]): void {
    const pending = [...new Set(values)].filter((value) => value.kind === 'pending');
    if (!this.readGuard) this.#begin();
    if (pending.length > 0) computeNow(this.#runner, pending);
    this.#freeReleased();
  }

  /** The pending graph starts anew. */
  #begin(): void {
    this.builder.pending = 0;
    this.#policy.flushed();
  }
}
