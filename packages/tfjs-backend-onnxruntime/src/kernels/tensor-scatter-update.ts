import type { TensorScatterUpdateInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { positions, replaceRows } from '../operators/rows.ts';
import { graphKernel } from './kernel.ts';

/** A tensor with slices replaced at coordinates. */
export const tensorScatterUpdate = graphKernel<TensorScatterUpdateInputs>(
  'TensorScatterUpdate',
  ({ inputs: { tensor, indices, updates }, backend, builder }) => {
    if (tensor.dtype === 'bool' || indices.shape.length < 2 || indices.shape.at(-1) === 0) return undefined;
    const target = backend.value(tensor);
    if (builder.differs('scatterRaces')) {
      const depth = indices.shape.at(-1)!;
      const row = positions(backend, builder, indices, tensor.shape.slice(0, depth));
      const rows = [sizeOf(tensor.shape.slice(0, depth)), sizeOf(tensor.shape.slice(depth))];
      const flat = builder.reshape(target, rows);
      const values = builder.reshape(backend.value(updates), [row.size, rows[1]!]);
      const replaced = replaceRows(backend, builder, flat, builder.reshape(row, [row.size]), values);
      return backend.tensor(builder.reshape(replaced, tensor.shape));
    }
    if (indices.shape.at(-1) !== tensor.shape.length) {
      const coordinates = builder.cast(backend.value(indices), 'int64');
      return backend.tensor(builder.operator('ScatterND', [target, coordinates, backend.value(updates)], target));
    }
    // Single elements, by their positions in the flat tensor: ScatterElements works in place where it can.
    const position = positions(backend, builder, indices, tensor.shape);
    const flat = builder.reshape(target, [target.size]);
    const values = builder.reshape(backend.value(updates), [position.size]);
    const inputs = [flat, builder.reshape(position, [position.size]), values];
    const scattered = builder.operator('ScatterElements', inputs, flat, { axis: 0 });
    return backend.tensor(builder.reshape(scattered, tensor.shape));
  },
);
