import { type ReshapeAttrs, type ReshapeInputs, util } from '@tensorflow/tfjs-core';
import { anything, graphKernel } from './kernel.ts';

/** Another shape of the same elements; nothing is computed. */
export const reshape = graphKernel<ReshapeInputs, ReshapeAttrs>(
  'Reshape',
  ({ inputs: { x }, attrs: { shape }, backend }) => {
    const size = util.sizeFromShape(x.shape);
    const inferred = util.inferFromImplicitShape(shape, size);
    util.assert(
      size === util.sizeFromShape(inferred),
      () => `The new shape (${inferred}) has another number of elements than the old one (${x.shape}).`,
    );
    return backend.alias(x, inferred);
  },
  anything,
);
