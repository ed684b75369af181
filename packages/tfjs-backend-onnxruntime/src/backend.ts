import {
  type BackendTimingInfo,
  backend_util,
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { InputError } from './errors.ts';
import { FlushPolicy } from './flush-policy.ts';
import { GraphBuilder } from './graph/builder.ts';
import type { CompiledGraph } from './graph/compiled-graph.ts';
import type { Graph } from './graph/graph.ts';
import { makePlan } from './graph/plan.ts';
import { type ElementType, type NumericArray, Value } from './graph/value.ts';
import { type BackendStatistics, GraphRunner } from './graph-runner.ts';
import { type BackendOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import type { ProfileRow } from './profile.ts';
import { elementsOf, withShape } from './runtime/device.ts';
import { OrtTensor } from './runtime/native.ts';
import type { Disposable } from './runtime/session-cache.ts';
import type { Spares } from './spares.ts';

type BackendValues = backend_util.BackendValues;
/** What a tfjs tensor's elements are. */
type TypedElements = Float32Array | Int32Array | Uint8Array;

/** What a tfjs data id stands for. Exactly one of the three contents is there. */
interface TensorData {
  references: number;
  readonly dtype: DataType;
  value?: Value;
  strings?: Uint8Array[];
  complex?: { real: TensorInfo; imag: TensorInfo };
}

/** Refuses reads while a function is being recorded: see compile. */
export interface ReadGuard {
  check(value: Value): void;
  readonly recording: object;
}

/**
 * A tfjs backend whose kernels do not compute. Each appends operators to a pending graph; a read computes every live
 * pending tensor in one ONNX Runtime session, compiled once per graph structure.
 */
export class OnnxRuntimeBackend extends KernelBackend {
  readonly options: ResolvedOptions;
  readonly builder = new GraphBuilder();
  /** Set while a function is being recorded. */
  readGuard: ReadGuard | undefined;
  readonly #data = new DataStorage<TensorData>(this, engine());
  readonly #live = new Set<TensorData>();
  readonly #runner: GraphRunner;
  readonly #policy: FlushPolicy;
  readonly #pinned = new WeakSet<OrtTensor>();
  readonly #released: OrtTensor[] = [];
  readonly #owned = new Set<WeakRef<Disposable>>();

  constructor(options: BackendOptions = {}) {
    super();
    this.options = resolveOptions(options);
    this.#policy = new FlushPolicy(this.options.pendingOperators);
    this.#runner = new GraphRunner(this.options);
  }

  /** Counters of what the backend did. */
  get statistics(): BackendStatistics {
    return this.#runner.statistics;
  }

  // ---- data ids

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    if (!this.readGuard && this.#policy.atWrite(this.builder.pending)) this.flush();
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, references: number): void {
    if (dtype === 'string') {
      this.#data.set(dataId, { references, dtype, strings: values as Uint8Array[] });
      return;
    }
    if (dtype === 'complex64') {
      const parts = backend_util.splitRealAndImagArrays(values as Float32Array);
      const real = { dataId: this.write(parts.real, shape, 'float32'), shape, dtype: 'float32' as const };
      const imag = { dataId: this.write(parts.imag, shape, 'float32'), shape, dtype: 'float32' as const };
      this.#data.set(dataId, { references, dtype, complex: { real, imag } });
      return;
    }
    // A copy: the graph runs later, when the caller may have filled the same array with the next batch.
    const value = this.leaf(copyOf(values as ArrayLike<number>, dtype), shape);
    this.#set(dataId, { references, dtype, value });
  }

  /** The elements as they are now, also when the tensor is disposed of before the promise is awaited. */
  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override readSync(dataId: DataId): BackendValues {
    const data = this.#data.get(dataId);
    if (data.strings) return data.strings;
    if (data.complex) {
      return backend_util.mergeRealAndImagArrays(
        this.readSync(data.complex.real.dataId) as Float32Array,
        this.readSync(data.complex.imag.dataId) as Float32Array,
      );
    }
    return this.elements(data.value as Value);
  }

  /** tfjs calls this for variables only: when one is made or assigned. */
  override incRef(dataId: DataId): void {
    this.#policy.variableAssigned();
    this.#data.get(dataId).references++;
  }

  decRef(dataId: DataId): void {
    if (this.#data.has(dataId)) this.#data.get(dataId).references--;
  }

  override refCount(dataId: DataId): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).references : 0;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const data = this.#data.get(dataId);
    data.references--;
    if (!force && data.references > 0) return false;
    if (data.complex) {
      this.disposeData(data.complex.real.dataId, true);
      this.disposeData(data.complex.imag.dataId, true);
    }
    this.#live.delete(data);
    this.#data.delete(dataId);
    if (data.value) this.release(data.value);
    return true;
  }

  override numDataIds(): number {
    return this.#data.numDataIds();
  }

  override memory() {
    return {
      unreliable: true,
      reasons: [
        'Elements live in JavaScript memory, which is freed by the garbage collector some time after dispose(); a ' +
          'compiled function keeps large results of its last call, that were disposed of, for the next one.',
      ],
    };
  }

  override floatPrecision(): 32 {
    return 32;
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

  /** The value behind a tensor's data id, under the shape it was computed in. The caller may keep it. */
  sharedValue(dataId: DataId): Value {
    const value = this.borrowedValue(dataId);
    value.reclaim = undefined;
    return value;
  }

  /** The same only for a caller that has forgotten the value and its elements when it returns. */
  borrowedValue(dataId: DataId): Value {
    return this.#data.get(dataId).value as Value;
  }

  /** Where a tensor's elements are; undefined while they are pending, or for strings and complex numbers. */
  location(tensor: TensorInfo): 'cpu' | 'gpu-buffer' | undefined {
    return this.#data.get(tensor.dataId).value?.tensor?.location as 'cpu' | 'gpu-buffer' | undefined;
  }

  /** Puts another value behind a data id. */
  replaceValue(dataId: DataId, value: Value): void {
    this.#data.get(dataId).value = value;
  }

  /** Never releases this tensor's device memory by itself: more than one value has it. */
  pin(tensor: OrtTensor): void {
    this.#pinned.add(tensor);
  }

  /** Gives back memory of a value that nobody holds any more; a device's once no pending operator reads it. */
  release(value: Value): void {
    value.reclaim?.();
    const { tensor } = value;
    if (tensor?.location !== 'gpu-buffer' || this.#pinned.has(tensor)) return;
    this.#released.push(tensor);
    if (this.builder.pending === 0 && !this.readGuard) this.#disposeReleased();
  }

  #disposeReleased(): void {
    for (const tensor of this.#released) tensor.dispose();
    this.#released.length = 0;
  }

  /** The elements of a tensor as a value of the pending graph, under the tensor's own shape. */
  value(tensor: TensorInfo): Value {
    const { value } = this.#data.get(tensor.dataId);
    if (value === undefined) throw new InputError(`a ${tensor.dtype} tensor cannot be part of a graph`);
    value.reclaim = undefined;
    return value.node ? this.builder.reshape(value, tensor.shape) : this.#leafOfShape(value, tensor.shape);
  }

  /** A new data id for a value. */
  tensor(value: Value, dtype: DataType = value.type as DataType): TensorInfo {
    const dataId = {};
    // Constants belong to graphs; a tensor that is one (zeros of shape []) must have elements that can be read and fed.
    const own = value.constant ? this.leaf(value.constant.slice(), value.shape) : value;
    this.#set(dataId, { references: 1, dtype, value: own });
    return { dataId, shape: [...value.shape], dtype };
  }

  /** Another tensor with the same elements, as tfjs' reshape and clone are. */
  alias(tensor: TensorInfo, shape: number[] = tensor.shape): TensorInfo {
    this.#data.get(tensor.dataId).references++;
    return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
  }

  /** Wraps elements without copying them. */
  leaf(elements: NumericArray, shape: readonly number[]): Value {
    const type = typeOf(elements);
    const value = new Value(type, shape, { tensor: wrap(elements, type, shape) });
    value.recording = this.readGuard?.recording;
    return value;
  }

  /** The elements of a tensor that is not pending. Computes nothing. */
  knownElements(tensor: TensorInfo): TypedElements | undefined {
    const value = this.sharedValue(tensor.dataId);
    return value.node || !value.tensor ? undefined : (elementsOf(value.tensor) as TypedElements);
  }

  /** Throws when an index is outside [0, count). Pending indices are left to ONNX Runtime. */
  assertIndices(indices: TensorInfo, count: number): void {
    const outside = this.knownElements(indices)?.find((index) => !(index >= 0 && index < count));
    if (outside !== undefined) throw new Error(`GatherV2: the index value ${outside} is not in [0, ${count - 1}]`);
  }

  /** The two parts of a complex tensor. */
  complexParts(tensor: TensorInfo): { real: TensorInfo; imag: TensorInfo } | undefined {
    return this.#data.get(tensor.dataId).complex;
  }

  /** A complex tensor that owns these two parts. */
  complexTensor(real: TensorInfo, imag: TensorInfo): TensorInfo {
    const dataId = {};
    this.#data.set(dataId, { references: 1, dtype: 'complex64', complex: { real, imag } });
    return { dataId, shape: real.shape, dtype: 'complex64' };
  }

  // ---- running

  /**
   * Computes every live pending tensor; nothing while a function is being recorded. Throws when the graph fails, and
   * leaves its tensors pending: from then on each is computed on its own, when it is read, so that one that cannot be
   * computed does not stand in the way of the others.
   */
  flush(): void {
    if (this.readGuard) return;
    const outputs = [...this.#live].map(({ value }) => value as Value).filter((value) => value.node && !value.isolated);
    try {
      this.#compute(outputs);
    } catch (error) {
      for (const output of outputs) output.isolated = true;
      throw error;
    }
  }

  /** Elements of a value; computes what is pending. */
  elements(value: Value): TypedElements {
    this.readGuard?.check(value);
    value.reclaim = undefined;
    if (value.node && !this.readGuard && !value.isolated) {
      try {
        this.flush();
      } catch {
        // Perhaps another tensor's failure: if it is this one's, it throws again below.
      }
    }
    if (value.node) {
      // It failed with others, it has no live data id, or a function is being recorded: nothing else may be computed then.
      this.#compute([value]);
      value.recording = this.readGuard?.recording;
    }
    return elementsOf(value.tensor as OrtTensor) as TypedElements;
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

  #compute(values: readonly Value[]): void {
    const outputs = [...new Set(values)].filter((value) => value.node).sort((a, b) => a.sequence - b.sequence);
    if (!this.readGuard) {
      this.builder.pending = 0;
      this.#policy.flushed();
    }
    if (outputs.length > 0) this.#run(outputs);
    // The graph that is being recorded may still read what was released.
    if (!this.readGuard) this.#disposeReleased();
  }

  #run(outputs: readonly Value[]): void {
    const plan = makePlan(outputs);
    const leaves = plan.leaves.map((leaf) => leaf.tensor as OrtTensor);
    const results = this.run(this.#runner.ofPlan(plan), leaves);
    for (const [index, output] of outputs.entries()) {
      output.tensor = results[index];
      output.node = undefined;
      output.reshaped = undefined;
    }
  }

  #leafOfShape(value: Value, shape: readonly number[]): Value {
    const { tensor } = value;
    if (value.shape.length === shape.length && value.shape.every((size, axis) => size === shape[axis])) return value;
    const key = shape.join();
    let reshaped = value.reshaped?.get(key);
    if (!reshaped) {
      reshaped = new Value(value.type, shape, { tensor: withShape(tensor as OrtTensor, shape) });
      reshaped.recording = value.recording;
      reshaped.source = value.source ?? value;
      value.reshaped ??= new Map();
      value.reshaped.set(key, reshaped);
    }
    return reshaped;
  }

  #set(dataId: DataId, data: TensorData): void {
    this.#data.set(dataId, data);
    this.#live.add(data);
  }
}

function wrap(elements: NumericArray, type: ElementType, shape: readonly number[]): OrtTensor {
  return new OrtTensor(type, elements, shape);
}

function typeOf(elements: NumericArray): ElementType {
  if (elements instanceof Float32Array) return 'float32';
  if (elements instanceof BigInt64Array) return 'int64';
  return elements instanceof Int32Array ? 'int32' : 'bool';
}

function copyOf(values: ArrayLike<number>, dtype: DataType): NumericArray {
  if (dtype === 'float32') return new Float32Array(values);
  return dtype === 'int32' ? new Int32Array(values) : new Uint8Array(values);
}
