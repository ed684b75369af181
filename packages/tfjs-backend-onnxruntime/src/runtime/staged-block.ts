import { memoryInfo } from './device.ts';
import type { Device, GraphCapture, StagedMemory } from './devices/device.ts';
import type { DeviceTensor, NumericArray, OrtTensor } from './tensor.ts';

/** Bytes to which every tensor of a block is aligned, as CUDA's own allocations are. */
const alignment = 256;

/** Where a run's tensors lie on the device: those in main memory have places in one block, which is copied at once. */
export class StagedBlock {
  readonly memory: StagedMemory | undefined;
  readonly #device: Device;
  readonly #offsets: readonly number[];

  constructor(device: Device, capture: GraphCapture, tensors: readonly OrtTensor[]) {
    let size = 0;
    this.#offsets = tensors.map((tensor) => {
      const offset = size;
      if (tensor.location === 'cpu') size += alignment * Math.max(1, Math.ceil(tensor.data.byteLength / alignment));
      return offset;
    });
    this.#device = device;
    this.memory = size > 0 ? capture.stage(size) : undefined;
  }

  /** All tensors as they lie on the device. */
  onDevice(tensors: readonly OrtTensor[]): DeviceTensor[] {
    const info = memoryInfo(this.#device);
    return tensors.map((tensor, index) => {
      if (tensor.location === 'device') return tensor;
      const { type, dims } = tensor;
      const address = this.memory!.address + BigInt(this.#offsets[index]!);
      return { location: 'device', type, dims, elements: { address, info, read: neverRead, free: () => {} } };
    });
  }

  /** Puts tensors in main memory where they are copied from. */
  give(tensors: readonly OrtTensor[]): void {
    for (const [index, tensor] of tensors.entries()) {
      if (tensor.location === 'cpu') this.memory!.bytes.set(bytesIn(tensor.data), this.#offsets[index]!);
    }
  }

  /** Takes them from where they were copied to. */
  take(tensors: readonly OrtTensor[]): void {
    for (const [index, tensor] of tensors.entries()) {
      if (tensor.location !== 'cpu') continue;
      const offset = this.#offsets[index]!;
      bytesIn(tensor.data).set(this.memory!.bytes.subarray(offset, offset + tensor.data.byteLength));
    }
  }

  dispose(): void {
    this.memory?.free();
  }
}

function neverRead(): never {
  throw new Error('a part of a block is read with the block');
}

function bytesIn({ buffer, byteOffset, byteLength }: NumericArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
