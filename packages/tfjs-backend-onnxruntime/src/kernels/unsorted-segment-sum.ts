import type { UnsortedSegmentSumAttrs, UnsortedSegmentSumInputs } from '@tensorflow/tfjs-core';
import { usedRowIndices } from '../operators/indices.ts';
import { addRows } from '../operators/rows.ts';
import { graphKernel } from './kernel.ts';

/** Sums of rows that share an index; rows with an index outside are left out. */
export const unsortedSegmentSum = graphKernel<UnsortedSegmentSumInputs, UnsortedSegmentSumAttrs>(
  'UnsortedSegmentSum',
  ({ inputs: { x, segmentIds }, attrs: { numSegments }, backend, builder }) => {
    if (x.dtype === 'bool' || numSegments < 1) return undefined;
    const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
    const value = backend.value(x);
    // The gradient of gather: its indices must not be outside.
    const indices = usedRowIndices(backend, segmentIds, numSegments);
    if (indices) return backend.tensor(addRows(builder, shape, indices, value, false));
    return backend.tensor(addRows(builder, shape, builder.cast(backend.value(segmentIds), 'int32'), value, true));
  },
);
