import type { Pointer } from './api.ts';

/** Element types that occur inside a graph. tfjs tensors are float32, int32 or bool; int64 only describes shapes. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';
export type NumericArray = Float32Array | Int32Array | BigInt64Array | Uint8Array;

interface Common {
  readonly type: ElementType;
  readonly dims: readonly number[];
}

/** A tensor whose elements lie in an array. */
export interface HostTensor extends Common {
  readonly location: 'cpu';
  readonly data: NumericArray;
}

/** Elements in a device's memory. */
export interface DeviceElements {
  /** Where ONNX Runtime finds them. */
  readonly address: Pointer;
  /** ONNX Runtime's description of the place. */
  readonly info: Pointer;
  /** A copy in main memory of a tensor that has them. */
  read(tensor: DeviceTensor): NumericArray;
  free(): void;
}

/** A tensor whose elements lie in a device's memory; several may have the same. */
export interface DeviceTensor extends Common {
  readonly location: 'device';
  readonly elements: DeviceElements;
}

/** Elements under a shape, in main memory or on a device. */
export type OrtTensor = HostTensor | DeviceTensor;

const arrayTypes = { float32: Float32Array, int32: Int32Array, int64: BigInt64Array, bool: Uint8Array };

/** A tensor in main memory with these elements, which are not copied. */
export function hostTensor(type: ElementType, data: NumericArray, dims: readonly number[]): HostTensor {
  return { location: 'cpu', type, dims, data };
}

/** A tensor in main memory whose elements are 0. */
export function emptyTensor(type: ElementType, dims: readonly number[]): HostTensor {
  return hostTensor(type, new arrayTypes[type](sizeOf(dims)), dims);
}

/** Bytes of a tensor's elements. */
export function bytesOf(type: ElementType, dims: readonly number[]): number {
  return arrayTypes[type].BYTES_PER_ELEMENT * sizeOf(dims);
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}
