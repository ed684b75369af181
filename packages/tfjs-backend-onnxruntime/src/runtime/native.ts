import { elementTypeCode } from '../onnx/encode.ts';
import type { Argument, Pointer } from './api.ts';
import type { GraphCapture, Provider } from './devices/device.ts';
import { type OnnxRuntime, onnxRuntime } from './library.ts';
import { type Flight, RunThread } from './run-thread.ts';
import { bytesOf, type OrtTensor } from './tensor.ts';

/** Options of a session. */
export interface SessionOptions {
  /** Execution providers before the cpu's; the first that has an operator takes it. */
  readonly providers?: readonly Provider[];
  /** How the first provider captures runs; without it, or where an operator is not the provider's, none is captured. */
  readonly capture?: GraphCapture | undefined;
  /** Threads of one operator; by default ONNX Runtime's choice. */
  readonly threads?: number;
  /** ONNX Runtime's messages from this level on: 0 (verbose) to 4 (fatal). */
  readonly logLevel: number;
  /** Whether ONNX Runtime rewrites the graph. */
  readonly optimize?: boolean;
  /** Refuse a graph of which an operator would run on the cpu for want of a kernel. */
  readonly onlyProviders?: boolean;
  /** Whether freed memory is kept for the next run. */
  readonly arena?: boolean;
  /** Path of the profile that is written, but for its end. */
  readonly profilePrefix?: string;
}

const [noOptimization, everyOptimization] = [0, 99];
const [error, fatal] = [3, 4];
const abandoned = new FinalizationRegistry<Pointer>((session) => onnxRuntime().release('Session', session));
const abandonedValues = new FinalizationRegistry<BigUint64Array>((values) => {
  for (const value of values) onnxRuntime().release('Value', value);
});

/** The process's environment, which ONNX Runtime needs until the end. */
let environment: Pointer | undefined;

/** Number under which a session that captures runs does not capture one. */
const uncaptured = -1;

/** Options of a run, by the number that it is captured under: they belong to no session, and live as long as the process. */
const runOptions = new Map<number, Pointer>();

/** A compiled graph inside ONNX Runtime. */
export class NativeSession {
  readonly #runtime = onnxRuntime();
  readonly inputs: Names;
  readonly outputs: Names;
  /** Whether runs can be captured. */
  readonly captures: boolean;
  #session: Pointer | undefined;

  constructor(model: Uint8Array, inputs: readonly string[], outputs: readonly string[], options: SessionOptions) {
    this.captures = false;
    if (options.capture) {
      try {
        // ONNX Runtime would log the failure as an error, which it is not.
        this.#session = create(model, { ...options, logLevel: options.logLevel === error ? fatal : options.logLevel });
        this.captures = true;
      } catch (error) {
        // An operator that the provider has no kernel for: the graph still runs, operator by operator.
      }
    }
    this.#session ??= create(model, { ...options, capture: undefined });
    abandoned.register(this, this.#session, this);
    this.inputs = new Names(inputs);
    this.outputs = new Names(outputs);
  }

  /** A run that computes the outputs into given tensors of their types and shapes, in the order of the names. */
  prepare(inputs: readonly OrtTensor[], outputs: readonly OrtTensor[]): NativeRun {
    return new NativeRun(this, inputs, outputs, this.captures ? optionsOfRun(uncaptured) : null);
  }

  /**
   * A run that may be run again and again, and is captured the first time. It holds what it reads and writes until `release`.
   * @param graph number from 1 on, one for these very addresses, all of them on the device
   */
  prepareCaptured(graph: number, inputs: readonly OrtTensor[], outputs: readonly OrtTensor[]): NativeRun {
    return new NativeRun(this, inputs, outputs, optionsOfRun(graph), true);
  }

  get pointer(): Pointer {
    if (this.#session === undefined) throw new Error('this session was disposed of');
    return this.#session;
  }

  /** Computes float32 outputs of any shape, in the order of the names. Blocks. */
  floats(inputs: readonly OrtTensor[]): Float32Array[] {
    return new NativeRun(this, inputs, []).floats();
  }

  /** Ends profiling; ONNX Runtime writes its trace file. */
  endProfiling(): void {
    const runtime = this.#runtime;
    const allocator = runtime.result('GetAllocatorWithDefaultOptions');
    runtime.takeText(runtime.result('SessionEndProfiling', this.pointer, allocator));
  }

  dispose(): void {
    if (this.#session === undefined) return;
    abandoned.unregister(this);
    this.#runtime.release('Session', this.#session);
    this.#session = undefined;
  }
}

/** One run of a session. It must be ended by `finish`, until when it keeps everything that it reads or writes. */
export class NativeRun {
  readonly #runtime = onnxRuntime();
  /** A session that was collected would be released. */
  readonly session: NativeSession;
  readonly #tensors: readonly OrtTensor[];
  readonly #values: BigUint64Array;
  readonly #arguments: readonly Argument[];
  readonly #isRepeated: boolean;
  #made = 0;
  #flight: Flight | undefined;

  /** @param isRepeated whether it keeps what it reads and writes until `release`, to be run again */
  constructor(
    session: NativeSession,
    inputs: readonly OrtTensor[],
    outputs: readonly OrtTensor[],
    options: Pointer | null = null,
    isRepeated = false,
  ) {
    const runtime = this.#runtime;
    this.session = session;
    this.#isRepeated = isRepeated;
    this.#tensors = [...inputs, ...outputs];
    const { count } = session.outputs;
    this.#values = new BigUint64Array(inputs.length + count);
    const values = runtime.addressOf(this.#values);
    const results = values + BigInt(inputs.length * BigUint64Array.BYTES_PER_ELEMENT);
    const [inputNames, outputNames] = [session.inputs.address, session.outputs.address];
    const { pointer } = session;
    this.#arguments = [pointer, options, inputNames, values, inputs.length, outputNames, count, results];
  }

  /** Starts the run on another thread. @returns a promise that is fulfilled when it has returned, also with an error */
  start(): Promise<void> {
    if (!this.#flight) {
      this.#showTensors();
      thread ??= new RunThread(this.#runtime);
      this.#flight = thread.start(this.#arguments);
    }
    return this.#flight.returned;
  }

  /** Blocks until everything is computed, here unless it was started. Throws the run's error. */
  finish(): void {
    try {
      if (this.#flight) this.#runtime.check(this.#flight.wait());
      else {
        this.#showTensors();
        this.#runtime.call('Run', ...this.#arguments);
      }
    } finally {
      this.#flight = undefined;
      if (!this.#isRepeated) this.release();
    }
  }

  /** As `finish`, where no outputs were given: ONNX Runtime makes them. */
  floats(): Float32Array[] {
    const inputs = this.#tensors.length;
    try {
      this.#showTensors();
      this.#runtime.call('Run', ...this.#arguments);
      this.#runtime.living.Value += this.#values.length - inputs;
      this.#made = this.#values.length;
      return Array.from(this.#values.subarray(inputs), (value) => this.#runtime.floats(value));
    } finally {
      this.release();
    }
  }

  /** Lets go of what it reads and writes. */
  release(): void {
    abandonedValues.unregister(this);
    while (this.#made > 0) this.#runtime.release('Value', this.#values[--this.#made]!);
  }

  #showTensors(): void {
    if (this.#made > 0) return;
    for (const tensor of this.#tensors) {
      const { type, dims } = tensor;
      const [info, elements] =
        tensor.location === 'cpu' ? [mainMemory(), tensor.data] : [tensor.elements.info, tensor.elements.address];
      const shape = BigInt64Array.from(dims, BigInt);
      const value = this.#runtime.view(info, elements, bytesOf(type, dims), shape, elementTypeCode(type));
      this.#values[this.#made++] = value;
    }
    if (this.#isRepeated) abandonedValues.register(this, this.#values, this);
  }
}

let thread: RunThread | undefined;

let cpuInfo: Pointer | undefined;

/** ONNX Runtime's description of main memory. */
function mainMemory(): Pointer {
  cpuInfo ??= onnxRuntime().create('MemoryInfo', 'CreateMemoryInfo', 'Cpu', 0, 0, 0);
  return cpuInfo;
}

/** Names as C strings, whose addresses hold as long as this does. */
class Names {
  readonly count: number;
  /** Address of the array of their addresses. */
  readonly address: Pointer;
  readonly #addresses: BigUint64Array;
  readonly #texts: readonly Buffer[];

  constructor(names: readonly string[]) {
    this.count = names.length;
    this.#texts = names.map((name) => Buffer.from(`${name}\0`));
    this.#addresses = BigUint64Array.from(this.#texts, (text) => onnxRuntime().addressOf(text));
    this.address = onnxRuntime().addressOf(this.#addresses);
  }
}

function create(model: Uint8Array, options: SessionOptions): Pointer {
  const runtime = onnxRuntime();
  environment ??= runtime.create('Env', 'CreateEnv', 2, 'dynact');
  const native = sessionOptions(runtime, options);
  try {
    return runtime.create('Session', 'CreateSessionFromArray', environment, model, model.length, native);
  } finally {
    runtime.release('SessionOptions', native);
  }
}

function optionsOfRun(graph: number): Pointer {
  const known = runOptions.get(graph);
  if (known !== undefined) return known;
  const made = onnxRuntime().result('CreateRunOptions');
  onnxRuntime().call('AddRunConfigEntry', made, 'gpu_graph_id', `${graph}`);
  runOptions.set(graph, made);
  return made;
}

function sessionOptions(runtime: OnnxRuntime, options: SessionOptions): Pointer {
  const {
    providers = [],
    capture,
    threads,
    logLevel,
    optimize = true,
    onlyProviders,
    arena = true,
    profilePrefix,
  } = options;
  const native = runtime.create('SessionOptions', 'CreateSessionOptions');
  try {
    if (threads !== undefined) runtime.call('SetIntraOpNumThreads', native, threads);
    runtime.call('SetSessionLogSeverityLevel', native, logLevel);
    runtime.call('SetSessionGraphOptimizationLevel', native, optimize ? everyOptimization : noOptimization);
    if (!arena) runtime.call('DisableCpuMemArena', native);
    // A pattern is planned after the first run and gets memory of its own, beside what the arena already holds.
    runtime.call('DisableMemPattern', native);
    // Every session has threads of its own: those that kept spinning after a run would slow the next session threefold.
    runtime.call('AddSessionConfigEntry', native, 'session.force_spinning_stop', '1');
    if (onlyProviders) runtime.call('AddSessionConfigEntry', native, 'session.disable_cpu_ep_fallback', '1');
    if (profilePrefix !== undefined) runtime.call('EnableProfiling', native, profilePrefix);
    for (const provider of providers) appendProvider(runtime, native, withCapture(provider, capture));
    return native;
  } catch (error) {
    runtime.release('SessionOptions', native);
    throw error;
  }
}

function withCapture({ name, options }: Provider, capture: GraphCapture | undefined): Provider {
  return { name, options: { ...options, ...capture?.options } };
}

function appendProvider(runtime: OnnxRuntime, options: Pointer, provider: Provider): void {
  const [keys, values] = [Object.keys(provider.options), Object.values(provider.options)];
  if (provider.name !== 'CUDA') {
    runtime.call('SessionOptionsAppendExecutionProvider', options, provider.name, keys, values, keys.length);
    return;
  }
  const cuda = runtime.create('CUDAProviderOptions', 'CreateCUDAProviderOptions');
  try {
    runtime.call('UpdateCUDAProviderOptions', cuda, keys, values, keys.length);
    runtime.call('SessionOptionsAppendExecutionProvider_CUDA_V2', options, cuda);
  } finally {
    runtime.release('CUDAProviderOptions', cuda);
  }
}
