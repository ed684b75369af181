import type { DenseBincountAttrs, DenseBincountInputs } from '@tensorflow/tfjs-core';
import { counts, flat } from '../operators/counts.ts';
import { graphKernel, isNumeric } from './kernel.ts';

/** Occurrences of every number below `size` in each row, or sums of its weights. */
export const denseBincount = graphKernel<DenseBincountInputs, DenseBincountAttrs>(
  'DenseBincount',
  ({ inputs: { x, weights }, attrs: { size, binaryOutput }, backend }) => {
    if (x.shape.length === 1) return counts(backend, flat(x), flat(weights), size, false);
    return x.shape.length === 2 ? counts(backend, x, weights, size, binaryOutput ?? false) : undefined;
  },
  isNumeric,
);
