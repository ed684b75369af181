import { allocateBytes } from './device.ts';
import type { Device, GraphCapture } from './devices/device.ts';
import type { NativeRun, NativeSession } from './native.ts';
import type { DeviceElements, DeviceTensor, NumericArray, OrtTensor } from './tensor.ts';

/** Captured runs of a session: variables that take turns need two. */
const mostCaptures = 16;
/** Bytes of a tensor in main memory up to which it is copied for every run. */
const largestCopied = 1 << 20;
/** Bytes to which every tensor of a block is aligned, as CUDA's own allocations are. */
const alignment = 256;

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
  #hasFailed = false;

  constructor(session: NativeSession, device: Device, capture: GraphCapture) {
    this.#session = session;
    this.#device = device;
    this.#capture = capture;
  }

  /** The run of these tensors as one graph; undefined where it is run operator by operator. */
  run(inputs: readonly OrtTensor[], outputs: readonly OrtTensor[]): Run | undefined {
    if (this.#hasFailed) return undefined;
    const addresses = addressesOf([...inputs, ...outputs]);
    if (!addresses) return undefined;
    const captured =
      this.#captured.find((each) => isEqual(each.addresses, addresses)) ?? this.#add(addresses, inputs, outputs);
    if (!captured) return undefined;
    const start = () => captured.start(inputs);
    const finish = () => this.#finish(captured, inputs, outputs);
    return { start, finish };
  }

  dispose(): void {
    for (const captured of this.#captured) captured.dispose();
    this.#captured.length = 0;
    this.#seen.length = 0;
  }

  #add(
    addresses: BigUint64Array,
    inputs: readonly OrtTensor[],
    outputs: readonly OrtTensor[],
  ): CapturedRun | undefined {
    if (this.#captured.length === mostCaptures) return undefined;
    const place = this.#seen.findIndex((each) => isEqual(each, addresses));
    if (place === -1) {
      this.#seen.push(addresses);
      if (this.#seen.length > mostCaptures) this.#seen.shift();
      return undefined;
    }
    this.#seen.splice(place, 1);
    const graph = this.#captured.length + 1;
    const captured = new CapturedRun(this.#session, this.#device, this.#capture, graph, addresses, inputs, outputs);
    this.#captured.push(captured);
    return captured;
  }

  #finish(captured: CapturedRun, inputs: readonly OrtTensor[], outputs: readonly OrtTensor[]): void {
    try {
      captured.finish(inputs, outputs);
    } catch (error) {
      if (captured.hasRun) throw error;
      // A kernel that a graph cannot hold, which only capturing it shows: the session goes on without.
      this.#hasFailed = true;
      this.#session.prepare(inputs, outputs).finish();
    }
  }
}

/** One run with fixed addresses. */
class CapturedRun {
  readonly addresses: BigUint64Array;
  /** It was captured, and every later run is a replay. */
  hasRun = false;
  readonly #run: NativeRun;
  readonly #inputs: Block;
  readonly #outputs: Block;
  #isStarted = false;

  constructor(
    session: NativeSession,
    device: Device,
    { transfer }: GraphCapture,
    graph: number,
    addresses: BigUint64Array,
    inputs: readonly OrtTensor[],
    outputs: readonly OrtTensor[],
  ) {
    this.addresses = addresses;
    this.#inputs = new Block(device, transfer, inputs);
    this.#outputs = new Block(device, transfer, outputs);
    this.#run = session.prepareCaptured(graph, this.#inputs.tensors, this.#outputs.tensors);
  }

  start(inputs: readonly OrtTensor[]): Promise<void> {
    if (!this.#isStarted) this.#inputs.upload(inputs);
    this.#isStarted = true;
    return this.#run.start();
  }

  finish(inputs: readonly OrtTensor[], outputs: readonly OrtTensor[]): void {
    if (!this.#isStarted) this.#inputs.upload(inputs);
    this.#isStarted = false;
    this.#run.finish();
    this.hasRun = true;
    this.#outputs.download(outputs);
  }

  dispose(): void {
    this.#run.release();
    this.#inputs.dispose();
    this.#outputs.dispose();
  }
}

/** Where a run's tensors lie on the device: those in main memory have places in one block, which is copied at once. */
class Block {
  /** All tensors, on the device. */
  readonly tensors: readonly DeviceTensor[];
  readonly #transfer: GraphCapture['transfer'];
  readonly #offsets: readonly number[];
  readonly #bytes: Uint8Array;
  readonly #memory: DeviceElements | undefined;

  constructor(device: Device, transfer: GraphCapture['transfer'], tensors: readonly OrtTensor[]) {
    let size = 0;
    this.#offsets = tensors.map((tensor) => {
      const offset = size;
      if (tensor.location === 'cpu') size += alignment * Math.max(1, Math.ceil(tensor.data.byteLength / alignment));
      return offset;
    });
    this.#transfer = transfer;
    this.#bytes = new Uint8Array(size);
    this.#memory = size > 0 ? allocateBytes(device, size) : undefined;
    this.tensors = tensors.map((tensor, index) => (tensor.location === 'device' ? tensor : this.#part(tensor, index)));
  }

  upload(tensors: readonly OrtTensor[]): void {
    if (!this.#memory) return;
    for (const [index, tensor] of tensors.entries()) {
      if (tensor.location === 'cpu') this.#bytes.set(bytesIn(tensor.data), this.#offsets[index]!);
    }
    this.#transfer.toDevice(this.#memory.address, this.#bytes);
  }

  download(tensors: readonly OrtTensor[]): void {
    if (!this.#memory) return;
    this.#transfer.toHost(this.#bytes, this.#memory.address);
    for (const [index, tensor] of tensors.entries()) {
      if (tensor.location !== 'cpu') continue;
      const offset = this.#offsets[index]!;
      bytesIn(tensor.data).set(this.#bytes.subarray(offset, offset + tensor.data.byteLength));
    }
  }

  dispose(): void {
    this.#memory?.free();
  }

  #part({ type, dims }: OrtTensor, index: number): DeviceTensor {
    const { address, info, read } = this.#memory!;
    const elements = { address: address + BigInt(this.#offsets[index]!), info, read, free: () => {} };
    return { location: 'device', type, dims, elements };
  }
}

function bytesIn({ buffer, byteOffset, byteLength }: NumericArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
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
