import type { BackendTimingInfo, TensorInfo } from '@tensorflow/tfjs-core';
import { InputError } from './errors.ts';
import { FlushPolicy } from './flush-policy.ts';
import { GraphBuilder } from './graph/builder.ts';
import type { CompiledGraph } from './graph/compiled-graph.ts';
import type { Graph } from './graph/graph.ts';
import { leafOf, leafOfShape, type TypedElements, tensorElements } from './graph/leaf.ts';
import { makePlan } from './graph/plan.ts';
import { type Leaf, type NumericArray, type OrtTensor, type Pending, settle, type Value } from './graph/value.ts';
import { type BackendStatistics, GraphRunner } from './graph-runner.ts';
import { DeviceMemory, type Spares, share } from './memory.ts';
import { type BackendOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import type { ProfileRow } from './profile.ts';
import { devices } from './runtime/devices/index.ts';
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
  readonly #runner: GraphRunner;
  readonly #policy: FlushPolicy;
  readonly #memory = new DeviceMemory();
  readonly #owned = new Set<WeakRef<Disposable>>();

  constructor(options: BackendOptions = {}) {
    super();
    this.options = resolveOptions(options);
    this.builder = new GraphBuilder(devices[this.options.device]);
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
    const outputs = this.liveValues().filter((value) => value.kind === 'pending' && !value.isolated);
    try {
      this.#compute(outputs);
    } catch (error) {
      for (const output of outputs) if (output.kind === 'pending') output.isolated = true;
      throw error;
    }
  }

  override elements(value: Value): TypedElements {
    return tensorElements(this.computed(value));
  }

  /** The value as a leaf; computes it if it is pending. It is shared from then on. */
  computed(value: Value): Leaf {
    this.readGuard?.check(value);
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

  /** Runs a compiled graph and counts it. @param spares see CompiledGraph.run */
  run(graph: CompiledGraph, leaves: readonly OrtTensor[], spares?: Spares): OrtTensor[] {
    return this.#runner.run(graph, leaves, spares);
  }

  /**
   * Ends profiling and adds up the time of every operator, the longest first. Needs the option `profileFolder`, where
   * ONNX Runtime's own traces lie afterwards. Graphs compiled before are not profiled any longer.
   */
  profile(): ProfileRow[] {
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
    if (!this.readGuard) this.#memory.free();
  }

  #compute(values: readonly Value[]): void {
    const pending = [...new Set(values)].filter((value) => value.kind === 'pending');
    if (!this.readGuard) {
      this.builder.pending = 0;
      this.#policy.flushed();
    }
    if (pending.length > 0) this.#run(pending.sort((a, b) => a.sequence - b.sequence));
    this.#freeReleased();
  }

  #run(outputs: readonly Pending[]): void {
    const plan = makePlan(outputs);
    const leaves = plan.leaves.map(({ tensor }) => tensor);
    const results = this.run(this.#runner.ofPlan(plan), leaves);
    for (const [index, output] of outputs.entries()) settle(output, results[index]!);
  }
}
