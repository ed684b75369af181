import type { DataType } from '@tensorflow/tfjs-core';
import { withShape } from '../runtime/device.ts';
import { OrtTensor } from '../runtime/native.ts';
import { type ElementType, type NumericArray, sameShape, Value } from './value.ts';

/** A value with these elements, which are not copied. */
export function leafOf(elements: NumericArray, shape: readonly number[]): Value {
  const type = typeOf(elements);
  return new Value(type, shape, { tensor: new OrtTensor(type, elements, shape) });
}

/** A leaf under a shape of the same size: always the same value for the same shape. */
export function leafOfShape(leaf: Value, shape: readonly number[]): Value {
  if (sameShape(leaf.shape, shape)) return leaf;
  const key = shape.join();
  let reshaped = leaf.reshaped?.get(key);
  if (!reshaped) {
    reshaped = new Value(leaf.type, shape, { tensor: withShape(leaf.tensor as OrtTensor, shape) });
    reshaped.recording = leaf.recording;
    reshaped.source = leaf.source ?? leaf;
    leaf.reshaped ??= new Map();
    leaf.reshaped.set(key, reshaped);
  }
  return reshaped;
}

/** A copy of a tensor's elements, as the array of its type. */
export function copyOf(values: ArrayLike<number>, dtype: DataType): NumericArray {
  if (dtype === 'float32') return new Float32Array(values);
  return dtype === 'int32' ? new Int32Array(values) : new Uint8Array(values);
}

function typeOf(elements: NumericArray): ElementType {
  if (elements instanceof Float32Array) return 'float32';
  if (elements instanceof BigInt64Array) return 'int64';
  return elements instanceof Int32Array ? 'int32' : 'bool';
}
