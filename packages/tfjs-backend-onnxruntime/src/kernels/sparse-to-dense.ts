import type { SparseToDenseAttrs, SparseToDenseInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { graphKernel } from './kernel.ts';
import { positions } from './scatter.ts';

/** A tensor of one default value, with single elements replaced; of values for one place, the last. */
export const sparseToDense = graphKernel<SparseToDenseInputs, SparseToDenseAttrs>(
  'SparseToDense',
  ({ inputs: { sparseIndices, sparseValues, defaultValue }, attrs: { outputShape }, backend, builder }) => {
    const { dtype } = sparseValues;
    const size = sizeOf(outputShape);
    if (size === 0 || dtype !== defaultValue.dtype || sizeOf(defaultValue.shape) !== 1) return undefined;
    const depth = outputShape.length;
    const count = sizeOf(sparseIndices.shape) / depth;
    const coordinates = backend.knownElements(sparseIndices);
    const strides = outputShape.map((_, axis) => sizeOf(outputShape.slice(axis + 1)));
    for (let row = 0; coordinates && row < count; row++) {
      const index = [...coordinates.subarray(row * depth, (row + 1) * depth)];
      const place = index.reduce((sum, coordinate, axis) => sum + coordinate * (strides[axis] as number), 0);
      if (place < 0 || place >= size) throw new Error(`Invalid indices: ${index} does not index into ${outputShape}`);
    }
    const place = positions(backend, builder, { ...sparseIndices, shape: [count, depth] }, outputShape);
    // ONNX counts negative ones from the end; here they are as wrong as those behind it.
    const isBelow = builder.binary('Less', place, builder.scalar(0, 'int32'), 'bool');
    const index = builder.where(isBelow, builder.scalar(size, 'int32'), place);
    const type = dtype === 'bool' ? 'int32' : (dtype as 'float32' | 'int32');
    const [dense, values] = [[defaultValue, size] as const, [sparseValues, count] as const].map(([tensor, length]) => {
      const value = builder.cast(backend.value(tensor), type);
      return builder.expand(builder.reshape(value, [value.size]), [length]);
    });
    const scattered = builder.operator('ScatterElements', [dense, index, values], { type, shape: [size] }, { axis: 0 });
    return backend.tensor(builder.cast(builder.reshape(scattered, outputShape), dtype as typeof type));
  },
);
