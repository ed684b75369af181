import type { ScatterNdAttrs, ScatterNdInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { flatIndices } from '../operators/indices.ts';
import { addRows } from '../operators/rows.ts';
import { graphKernel } from './kernel.ts';

/** Zeros with slices added at coordinates. */
export const scatterNd = graphKernel<ScatterNdInputs, ScatterNdAttrs>(
  'ScatterNd',
  ({ inputs: { indices, updates }, attrs: { shape }, backend, builder }) => {
    const depth = indices.shape.at(-1) ?? 0;
    if (updates.dtype === 'bool' || indices.shape.length < 2 || depth === 0 || sizeOf(shape) === 0) return undefined;
    const row = flatIndices(backend, indices, shape.slice(0, depth));
    const rows = [sizeOf(shape.slice(0, depth)), ...shape.slice(depth)];
    return backend.tensor(builder.reshape(addRows(builder, rows, row, backend.value(updates), false), shape));
  },
);
