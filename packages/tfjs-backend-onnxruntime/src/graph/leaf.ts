import type { DataType } from '@tensorflow/tfjs-core';
import { elementsOf, withShape } from '../runtime/device.ts';
import { type ElementType, hostTensor, type NumericArray, type OrtTensor, sameShape } from '../runtime/tensor.ts';
import { type Leaf, leaf } from './value.ts';

/** Elements of a tfjs tensor. */
export type TypedElements = Float32Array | Int32Array | Uint8Array;

/** A leaf with these elements, which are not copied. */
export function leafOf(elements: NumericArray, shape: readonly number[], recording?: object): Leaf {
  const type = typeOf(elements);
  return leaf(hostTensor(type, elements, shape), { type, shape }, recording);
}

/** A leaf with a tensor's elements under a shape of the same size. */
export function leafOfTensor(tensor: OrtTensor, shape: readonly number[]): Leaf {
  return leaf(withShape(tensor, shape), { type: tensor.type, shape });
}

/** A leaf under a shape of the same size: always the same leaf for the same shape. */
export function leafOfShape(original: Leaf, shape: readonly number[]): Leaf {
  if (sameShape(original.shape, shape)) return original;
  original.reshaped ??= new Map();
  const key = shape.join();
  const known = original.reshaped.get(key);
  if (known?.kind === 'leaf') return known;
  const { type, tensor, recording, source = original } = original;
  const reshaped = leaf(withShape(tensor, shape), { type, shape }, recording, source);
  original.reshaped.set(key, reshaped);
  return reshaped;
}

/** Elements of a leaf in main memory. */
export function leafElements({ tensor }: Leaf): NumericArray {
  return elementsOf(tensor);
}

/** Elements of a leaf that is a tfjs tensor, in main memory. */
export function tensorElements(leaf: Leaf): TypedElements {
  const elements = leafElements(leaf);
  if (elements instanceof BigInt64Array) throw new Error('an int64 value is no tensor: cast it first');
  return elements;
}

/** A copy of a tensor's elements, as the array of its type. */
export function copyOf(values: ArrayLike<number>, dtype: DataType): TypedElements {
  if (dtype === 'float32') return new Float32Array(values);
  return dtype === 'int32' ? new Int32Array(values) : new Uint8Array(values);
}

function typeOf(elements: NumericArray): ElementType {
  if (elements instanceof Float32Array) return 'float32';
  if (elements instanceof BigInt64Array) return 'int64';
  return elements instanceof Int32Array ? 'int32' : 'bool';
}
