import type { UnsortedSegmentSumAttrs, UnsortedSegmentSumInputs } from '@tensorflow/tfjs-core';
import { addRows } from '../operators/rows.ts';
import { graphKernel } from './kernel.ts';

/** Sums of rows that share an index; rows with an index outside are left out. */
export const unsortedSegmentSum = graphKernel<UnsortedSegmentSumInputs, UnsortedSegmentSumAttrs>(
  'UnsortedSegmentSum',
  ({ inputs: { x, segmentIds }, attrs: { numSegments }, backend, builder }) => {
    if (x.dtype === 'bool' || numSegments < 1) return undefined;
    const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
    const ids = builder.cast(backend.value(segmentIds), 'int32');
    return backend.tensor(addRows(builder, shape, ids, backend.value(x), true));
  },
);
