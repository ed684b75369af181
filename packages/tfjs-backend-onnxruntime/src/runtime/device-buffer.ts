import { elementTypeCode } from '../onnx/encode.ts';
import type { Pointer } from './api.ts';
import { onnxRuntime } from './library.ts';
import type { DeviceElements, DeviceTensor, ElementType, NumericArray } from './tensor.ts';

const abandoned = new FinalizationRegistry<Pointer>((value) => onnxRuntime().release('Value', value));

/** Memory of one tensor on a device. Freed by hand, or when the garbage collector finds that nobody has it any more. */
export class DeviceBuffer implements DeviceElements {
  readonly address: Pointer;
  readonly info: Pointer;
  readonly read: (tensor: DeviceTensor) => NumericArray;
  #value: Pointer | undefined;

  /** @param read copies elements to main memory */
  constructor(
    allocator: Pointer,
    info: Pointer,
    type: ElementType,
    dims: readonly number[],
    read: (tensor: DeviceTensor) => NumericArray,
  ) {
    const runtime = onnxRuntime();
    const shape = BigInt64Array.from(dims, BigInt);
    const code = elementTypeCode(type);
    this.read = read;
    this.info = info;
    this.#value = runtime.create('Value', 'CreateTensorAsOrtValue', allocator, shape, dims.length, code);
    this.address = runtime.result('GetTensorMutableData', this.#value);
    abandoned.register(this, this.#value, this);
  }

  free(): void {
    if (this.#value === undefined) return;
    abandoned.unregister(this);
    onnxRuntime().release('Value', this.#value);
    this.#value = undefined;
  }
}
