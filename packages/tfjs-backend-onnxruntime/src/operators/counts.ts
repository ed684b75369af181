import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import { sameShape, sizeOf } from '../graph/value.ts';

/** All elements in one row. */
export const flat = (x: TensorInfo): TensorInfo => ({ ...x, shape: [sizeOf(x.shape)] });

/** Counts along the last axis. Weights without elements are ones; `isBinary` only says which numbers occur. */
export function counts(
  backend: OnnxRuntimeBackend,
  x: TensorInfo,
  weights: TensorInfo,
  size: number,
  isBinary: boolean,
): TensorInfo | undefined {
  const { builder } = backend;
  const { dtype: type } = weights;
  const isWeighted = sizeOf(weights.shape) > 0 && !isBinary;
  if ((type !== 'float32' && type !== 'int32') || x.dtype !== 'int32' || sizeOf(x.shape) === 0 || size < 1) {
    return undefined;
  }
  if (isWeighted && !sameShape(x.shape, weights.shape)) return undefined;
  if (backend.knownElements(x)?.some((element) => element < 0)) throw new Error('Input x must be non-negative!');
  const value = backend.value(x);
  // Large numbers are counted in one more place, which is cut off. Negative ones, where they are not known before the graph
  // runs, become an index that does not exist either way: ONNX Runtime says so instead of counting from the end.
  const places = size + 1;
  const nowhere = builder.scalar(-places - 1, 'int32');
  const isBelow = builder.binary('Less', value, builder.scalar(0, 'int32'), 'bool');
  const index = builder.where(isBelow, nowhere, builder.binary('Min', value, builder.scalar(size, 'int32')));
  const axis = x.shape.length - 1;
  const shape = [...x.shape.slice(0, -1), places];
  const updates = isWeighted ? backend.value(weights) : builder.filled(1, { type, shape: x.shape });
  const sums = builder.operator(
    'ScatterElements',
    [builder.filled(0, { type, shape }), index, updates],
    { type, shape },
    isBinary ? { axis } : { axis, reduction: 'add' },
  );
  const begin = shape.map(() => 0);
  return backend.tensor(builder.slice(sums, begin, [...x.shape.slice(0, -1), size]));
}
