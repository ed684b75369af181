import type { SparseToDenseAttrs, SparseToDenseInputs, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf, type Value } from '../graph/value.ts';
import { positions, replaceRows } from '../operators/rows.ts';
import { graphKernel } from './kernel.ts';

/** A tensor of one default value, with single elements replaced; of values for one place, the last. */
export const sparseToDense = graphKernel<SparseToDenseInputs, SparseToDenseAttrs>(
  'SparseToDense',
  ({ inputs: { sparseIndices, sparseValues, defaultValue }, attrs: { outputShape }, backend, builder }) => {
    const size = sizeOf(outputShape);
    if (size === 0 || sparseValues.dtype !== defaultValue.dtype || sizeOf(defaultValue.shape) !== 1) return undefined;
    const depth = outputShape.length;
    const count = sizeOf(sparseIndices.shape) / depth;
    const coordinates = backend.knownElements(sparseIndices);
    if (coordinates) assertInside(coordinates, outputShape);
    const place = positions(backend, builder, { ...sparseIndices, shape: [count, depth] }, outputShape);
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
    // ONNX counts negative ones from the end; here they are as wrong as those behind it.
    const isBelow = builder.binary('Less', place, builder.scalar(0, 'int32'), 'bool');
    const index = builder.where(isBelow, builder.scalar(size, 'int32'), place);
    const scattered = builder.operator('ScatterElements', [dense, index, values], { type, shape: [size] }, { axis: 0 });
    return result(scattered);
  },
);

/** Throws for coordinates whose place is not in the tensor. Like tfjs it does not look at one coordinate by itself. */
function assertInside(coordinates: ArrayLike<number>, shape: readonly number[]): void {
  const depth = shape.length;
  const size = sizeOf(shape);
  for (let start = 0; start < coordinates.length; start += depth) {
    let place = 0;
    for (let axis = 0; axis < depth; axis++) {
      place = place * shape[axis]! + coordinates[start + axis]!;
    }
    if (place >= 0 && place < size) continue;
    const index = Array.from({ length: depth }, (_, axis) => coordinates[start + axis]);
    throw new Error(`Invalid indices: ${index} does not index into ${shape}`);
  }
}
