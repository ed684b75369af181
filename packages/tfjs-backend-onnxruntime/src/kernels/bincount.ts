import type { BincountAttrs, BincountInputs } from '@tensorflow/tfjs-core';
import { counts, flat } from '../operators/counts.ts';
import { graphKernel, isNumeric } from './kernel.ts';

/** Occurrences of every number below `size`, or sums of its weights. */
export const bincount = graphKernel<BincountInputs, BincountAttrs>(
  'Bincount',
  ({ inputs: { x, weights }, attrs: { size }, backend }) => counts(backend, flat(x), flat(weights), size, false),
  isNumeric,
);
