import { type ExpandDimsAttrs, type ExpandDimsInputs, util } from '@tensorflow/tfjs-core';
import { anything, graphKernel } from './kernel.ts';

/** One more axis of size 1; nothing is computed. */
export const expandDims = graphKernel<ExpandDimsInputs, ExpandDimsAttrs>(
  'ExpandDims',
  ({ inputs: { input }, attrs: { dim }, backend }) => {
    const rank = input.shape.length;
    util.assert(-(rank + 1) <= dim && dim <= rank, () => `Axis must be in the interval [${-(rank + 1)}, ${rank}]`);
    const shape = input.shape.slice();
    shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
    return backend.alias(input, shape);
  },
  anything,
);
