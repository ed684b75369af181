import type { TensorScatterUpdateInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { flatIndices } from '../operators/indices.ts';
import { replaceRows } from '../operators/rows.ts';
import { graphKernel } from './kernel.ts';

/** A tensor with slices replaced at coordinates. */
export const tensorScatterUpdate = graphKernel<TensorScatterUpdateInputs>(
  'TensorScatterUpdate',
  ({ inputs: { tensor, indices, updates }, backend, builder }) => {
    if (tensor.dtype === 'bool' || indices.shape.length < 2 || indices.shape.at(-1) === 0) return undefined;
    const depth = indices.shape.at(-1)!;
    const [outer, inner] = [tensor.shape.slice(0, depth), tensor.shape.slice(depth)];
    const places = flatIndices(backend, indices, outer);
    const place = builder.reshape(places, [places.size]);
    const rows = builder.reshape(backend.value(tensor), [sizeOf(outer), sizeOf(inner)]);
    const values = builder.reshape(backend.value(updates), [place.size, sizeOf(inner)]);
    if (builder.differs('scatterRaces')) {
      return backend.tensor(builder.reshape(replaceRows(backend, builder, rows, place, values), tensor.shape));
    }
    if (inner.length > 0) {
      const coordinates = builder.cast(builder.reshape(place, [place.size, 1]), 'int64');
      const scattered = builder.operator('ScatterND', [rows, coordinates, values], rows);
      return backend.tensor(builder.reshape(scattered, tensor.shape));
    }
    // Single elements, by their places in the flat tensor: ScatterElements works in place where it can.
    const flat = builder.reshape(rows, [rows.size]);
    const inputs = [flat, place, builder.reshape(values, [place.size])];
    const scattered = builder.operator('ScatterElements', inputs, flat, { axis: 0 });
    return backend.tensor(builder.reshape(scattered, tensor.shape));
  },
);
