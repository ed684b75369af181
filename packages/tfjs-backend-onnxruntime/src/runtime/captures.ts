import type { CapturedGraph, Device, GraphCapture } from './devices/device.ts';
import type { NativeRun, NativeSession } from './native.ts';
import { StagedBlock } from './staged-block.ts';
import type { OrtTensor } from './tensor.ts';

/** Captured runs of a session: variables that take turns need two. */
const mostCaptures = 32;
/** Bytes of a tensor in main memory up to which it is copied for every run. */
const largestCopied = 1 << 20;

/** Captures of sessions that nobody has any more. */
const abandoned = new FinalizationRegistry<CapturedRun[]>(release);

function release(runs: CapturedRun[]): void {
  for (const run of runs) run.dispose();
  runs.length = 0;
}

/** A run of a session that can be started and must be finished. */
export interface Run {
  start(): Promise<void>;
  finish(): void;
}

/**
 * Runs of one session as captured graphs. A graph is captured for addresses: those of the tensors on the device, and of two
 * blocks there that tensors in main memory are copied to and from. A run whose addresses were seen before becomes one.
 */
export class Captures {
  readonly #session: NativeSession;
  readonly #device: Device;
  readonly #capture: GraphCapture;
  readonly #seen: BigUint64Array[] = [];
  readonly #captured: CapturedRun[] = [];
  readonly #state: State = { isWarm: false };
  #hasFailed = false;

  constructor(session: NativeSession, device: Device, capture: GraphCapture) {
    this.#session = session;
    this.#device = device;
    this.#capture = capture;
    abandoned.register(this, this.#captured, this);
  }

  /** The run of these tensors as one graph; undefined where it is run operator by operator. */
  run(inputs: readonly OrtTensor[], outputs: readonly OrtTensor[]): Run | undefined {
    if (this.#hasFailed) return undefined;
    const addresses = addressesOf([...inputs, ...outputs]);
    if (!addresses) return undefined;
    const known = this.#captured.findIndex((each) => isEqual(each.addresses, addresses));
    // The one that was used longest ago goes first.
    if (known !== -1) this.#captured.push(...this.#captured.splice(known, 1));
    const captured = known === -1 ? this.#add(addresses, inputs, outputs) : this.#captured.at(-1);
    if (!captured) return undefined;
    const start = () => captured.start(inputs).catch(() => {});
    const finish = () => this.#finish(captured, inputs, outputs);
    return { start, finish };
  }

  dispose(): void {
    abandoned.unregister(this);
    release(this.#captured);
    this.#seen.length = 0;
  }

  #add(
    addresses: BigUint64Array,
    inputs: readonly OrtTensor[],
    outputs: readonly OrtTensor[],
  ): CapturedRun | undefined {
    const place = this.#seen.findIndex((each) => isEqual(each, addresses));
    if (place === -1) {
      this.#seen.push(addresses);
      if (this.#seen.length > mostCaptures) this.#seen.shift();
      return undefined;
    }
    this.#seen.splice(place, 1);
    let captured: CapturedRun;
    try {
      captured = new CapturedRun(this.#session, this.#device, this.#capture, addresses, inputs, outputs, this.#state);
    } catch {
      // There is no memory for it.
      this.#hasFailed = true;
      return undefined;
    }
    this.#captured.push(captured);
    if (this.#captured.length > mostCaptures) this.#captured.shift()!.dispose();
    return captured;
  }

  #finish(captured: CapturedRun, inputs: readonly OrtTensor[], outputs: readonly OrtTensor[]): void {
    try {
      captured.finish(inputs, outputs);
    } catch (error) {
      if (captured.isCaptured) throw error;
      // A kernel that a graph cannot hold, which only capturing it shows: the session goes on without.
      this.#hasFailed = true;
      this.#session.prepare(inputs, outputs).finish();
    }
  }
}

/** State that all captured runs of a session share. */
interface State {
  /** One of them was run as it is: memory was taken and code was loaded, which cannot be captured. */
  isWarm: boolean;
}

/** One run with fixed addresses. */
class CapturedRun {
  readonly addresses: BigUint64Array;
  readonly #capture: GraphCapture;
  readonly #run: NativeRun;
  readonly #inputs: StagedBlock;
  readonly #outputs: StagedBlock;
  readonly #state: State;
  #graph: CapturedGraph | undefined;
  #isStarted = false;
  #runs = 0;

  constructor(
    session: NativeSession,
    device: Device,
    capture: GraphCapture,
    addresses: BigUint64Array,
    inputs: readonly OrtTensor[],
    outputs: readonly OrtTensor[],
    state: State,
  ) {
    this.#state = state;
    this.addresses = addresses;
    this.#capture = capture;
    this.#inputs = new StagedBlock(device, capture, inputs);
    try {
      this.#outputs = new StagedBlock(device, capture, outputs);
    } catch (error) {
      this.#inputs.dispose();
      throw error;
    }
    // The tensors themselves are not kept: their memory may be freed, and used again under the same address.
    this.#run = session.prepareRepeated(this.#inputs.onDevice(inputs), this.#outputs.onDevice(outputs));
  }

  /** Whether it is replayed, and no longer tried. */
  get isCaptured(): boolean {
    return this.#graph !== undefined;
  }

  async start(inputs: readonly OrtTensor[]): Promise<void> {
    this.#start(inputs);
    const run = this.#runs;
    while (this.#isStarted && this.#runs === run && !this.#capture.isDone()) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  finish(inputs: readonly OrtTensor[], outputs: readonly OrtTensor[]): void {
    this.#start(inputs);
    this.#isStarted = false;
    this.#capture.wait();
    this.#outputs.take(outputs);
  }

  dispose(): void {
    this.#graph?.release();
    this.#run.release();
    this.#inputs.dispose();
    this.#outputs.dispose();
  }

  #start(inputs: readonly OrtTensor[]): void {
    if (this.#isStarted) return;
    this.#inputs.give(inputs);
    if (!this.#state.isWarm) this.#enqueue();
    else {
      this.#graph ??= this.#capture.record(() => this.#enqueue());
      this.#graph.launch();
    }
    this.#state.isWarm = true;
    this.#isStarted = true;
    this.#runs++;
  }

  #enqueue(): void {
    this.#inputs.memory?.upload();
    this.#run.enqueue();
    this.#outputs.memory?.download();
  }
}

/** Address of each tensor on the device, and 0 for main memory; undefined where copying that would cost too much. */
function addressesOf(tensors: readonly OrtTensor[]): BigUint64Array | undefined {
  const addresses = new BigUint64Array(tensors.length);
  for (const [index, tensor] of tensors.entries()) {
    if (tensor.location === 'device') addresses[index] = tensor.elements.address;
    else if (tensor.data.byteLength > largestCopied) return undefined;
  }
  return addresses;
}

function isEqual(a: BigUint64Array, b: BigUint64Array): boolean {
  return a.every((address, index) => address === b[index]);
}
