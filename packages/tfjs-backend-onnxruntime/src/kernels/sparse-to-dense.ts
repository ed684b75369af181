import type { SparseToDenseAttrs, SparseToDenseInputs, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf, type Value } from '../graph/value.ts';
import { flatIndices } from '../operators/indices.ts';
import { replaceRows } from '../operators/rows.ts';
import { graphKernel } from './kernel.ts';

/** A tensor of one default value, with single elements replaced; of values for one place, the last. */
export const sparseToDense = graphKernel<SparseToDenseInputs, SparseToDenseAttrs>(
  'SparseToDense',
  ({ inputs: { sparseIndices, sparseValues, defaultValue }, attrs: { outputShape }, backend, builder }) => {
    const size = sizeOf(outputShape);
    if (size === 0 || sparseValues.dtype !== defaultValue.dtype || sizeOf(defaultValue.shape) !== 1) return undefined;
    const depth = outputShape.length;
    const count = sizeOf(sparseIndices.shape) / depth;
    const place = flatIndices(backend, { ...sparseIndices, shape: [count, depth] }, outputShape);
    const { type: given } = backend.value(sparseValues);
    const type = given === 'bool' ? 'int32' : given;
    const vector = (tensor: TensorInfo, length: number) => {
      const value = builder.cast(backend.value(tensor), type);
      return builder.expand(builder.reshape(value, [value.size]), [length]);
    };
    const [dense, values] = [vector(defaultValue, size), vector(sparseValues, count)];
    const result = (scattered: Value) => backend.tensor(builder.cast(builder.reshape(scattered, outputShape), given));
    if (builder.differs('scatterRaces')) {
      const columns = [builder.reshape(dense, [size, 1]), place, builder.reshape(values, [count, 1])] as const;
      return result(replaceRows(backend, builder, ...columns));
    }
    const scattered = builder.operator('ScatterElements', [dense, place, values], { type, shape: [size] }, { axis: 0 });
    return result(scattered);
  },
);
