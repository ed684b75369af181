import type { TransposeAttrs, TransposeInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Permutes the axes. */
export const transpose = graphKernel<TransposeInputs, TransposeAttrs>(
  'Transpose',
  ({ inputs: { x }, attrs: { perm }, backend, builder }) => {
    if (perm.every((axis, index) => axis === index)) return backend.alias(x);
    return backend.tensor(builder.transpose(backend.value(x), perm));
  },
);
