import { elementTypeCode } from '../onnx/encode.ts';
import type { Argument, Pointer } from './api.ts';
import { createDomain, withOperators } from './custom-operators.ts';
import { onnxRuntime } from './library.ts';
import { type Flight, RunThread } from './run-thread.ts';
import { nativeOptions, type SessionOptions } from './session-options.ts';
import { bytesOf, type OrtTensor } from './tensor.ts';

const [error, fatal] = [3, 4];
const abandoned = new FinalizationRegistry<Held>(release);
const abandonedValues = new FinalizationRegistry<BigUint64Array>((values) => {
  for (const value of values) onnxRuntime().release('Value', value);
});

/** Objects of ONNX Runtime that a session holds. */
interface Held {
  readonly session: Pointer;
  /** Operators of our own, if the graph has any. */
  readonly domain: Pointer | undefined;
}

function release({ session, domain }: Held): void {
  onnxRuntime().release('Session', session);
  if (domain !== undefined) onnxRuntime().release('CustomOpDomain', domain);
}

/** The process's environment, which ONNX Runtime needs until the end. */
let environment: Pointer | undefined;

/** Options of a run that does not wait until everything is computed: they belong to no session, and live as long as the process. */
let withoutWaiting: Pointer | undefined;

/** A compiled graph inside ONNX Runtime. */
export class NativeSession {
  readonly #runtime = onnxRuntime();
  readonly inputs: Names;
  readonly outputs: Names;
  /** Whether runs can be captured. */
  readonly captures: boolean;
  #held: Held | undefined;

  constructor(model: Uint8Array, inputs: readonly string[], outputs: readonly string[], options: SessionOptions) {
    this.captures = false;
    if (options.captures) {
      try {
        // ONNX Runtime would log the failure as an error, which it is not.
        this.#held = create(model, {
          ...options,
          onlyProviders: options.providers?.length !== 0,
          logLevel: options.logLevel === error ? fatal : options.logLevel,
        });
        this.captures = true;
      } catch {
        // An operator that the provider has no kernel for: the graph still runs, operator by operator.
      }
    }
    this.#held ??= create(model, options);
    abandoned.register(this, this.#held, this);
    this.inputs = new Names(inputs);
    this.outputs = new Names(outputs);
  }

  /** A run that computes the outputs into given tensors of their types and shapes, in the order of the names. */
  prepare(inputs: readonly OrtTensor[], outputs: readonly OrtTensor[]): NativeRun {
    return new NativeRun(this, inputs, outputs);
  }

  /** A run that may be run again and again, with the same addresses, until `release`. Its tensors must be there each time. */
  prepareRepeated(inputs: readonly OrtTensor[], outputs: readonly OrtTensor[]): NativeRun {
    return new NativeRun(this, inputs, outputs, true);
  }

  get pointer(): Pointer {
    if (this.#held === undefined) throw new Error('this session was disposed of');
    return this.#held.session;
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
    if (this.#held === undefined) return;
    abandoned.unregister(this);
    release(this.#held);
    this.#held = undefined;
  }
}

/** One run of a session. It must be ended by `finish`, until when it keeps everything that it reads or writes. */
export class NativeRun {
  readonly #runtime = onnxRuntime();
  /** A session that was collected would be released. */
  readonly session: NativeSession;
  #tensors: readonly OrtTensor[];
  readonly #values: BigUint64Array;
  readonly #arguments: readonly Argument[];
  readonly #isRepeated: boolean;
  #made = 0;
  #flight: Flight | undefined;

  /** @param isRepeated whether it may be run again, until `release`: it does not keep its tensors then */
  constructor(session: NativeSession, inputs: readonly OrtTensor[], outputs: readonly OrtTensor[], isRepeated = false) {
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
    this.#arguments = [pointer, null, inputNames, values, inputs.length, outputNames, count, results];
  }

  /** Starts the run on another thread. @returns a promise that is fulfilled when it has returned, also with an error */
  start(): Promise<void> {
    if (!this.#flight) {
      this.#showTensors();
      if (!thread || thread.isLost) thread = new RunThread(this.#runtime);
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
        withOperators(() => this.#runtime.call('Run', ...this.#arguments));
      }
    } finally {
      this.#flight = undefined;
      if (!this.#isRepeated) this.release();
    }
  }

  /** Starts everything on the device's stream, and does not wait for it. */
  enqueue(): void {
    this.#showTensors();
    const [session, , ...others] = this.#arguments;
    withOperators(() => this.#runtime.call('Run', session!, optionsWithoutWaiting(), ...others));
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
    if (!this.#isRepeated) return;
    abandonedValues.register(this, this.#values, this);
    this.#tensors = [];
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

function create(model: Uint8Array, options: SessionOptions): Held {
  const runtime = onnxRuntime();
  environment ??= runtime.create('Env', 'CreateEnv', 2, 'dynact');
  const { operators = [] } = options;
  const native = nativeOptions(runtime, options);
  let domain: Pointer | undefined;
  try {
    domain = operators.length > 0 ? createDomain(operators) : undefined;
    if (domain !== undefined) runtime.call('AddCustomOpDomain', native, domain);
    return {
      session: runtime.create('Session', 'CreateSessionFromArray', environment, model, model.length, native),
      domain,
    };
  } catch (error) {
    if (domain !== undefined) runtime.release('CustomOpDomain', domain);
    throw error;
  } finally {
    runtime.release('SessionOptions', native);
  }
}

function optionsWithoutWaiting(): Pointer {
  if (withoutWaiting === undefined) {
    const made = onnxRuntime().result('CreateRunOptions');
    onnxRuntime().call('AddRunConfigEntry', made, 'disable_synchronize_execution_providers', '1');
    withoutWaiting = made;
  }
  return withoutWaiting;
}
