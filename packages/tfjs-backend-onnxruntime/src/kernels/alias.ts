import {
  type ExpandDimsAttrs,
  type ExpandDimsInputs,
  type IdentityInputs,
  type ReshapeAttrs,
  type ReshapeInputs,
  util,
} from '@tensorflow/tfjs-core';
import { type GraphKernel, graphKernel } from './kernel.ts';

/** Also strings, complex numbers and tensors without elements. */
const anything = () => true;

/** Kernels whose result has the same elements in the same order: nothing is computed, the data id is shared. */
export const aliasKernels: readonly GraphKernel[] = [
  graphKernel<IdentityInputs>('Identity', ({ inputs: { x }, backend }) => backend.alias(x), anything),
  graphKernel<ReshapeInputs, ReshapeAttrs>(
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
  ),
  graphKernel<ExpandDimsInputs, ExpandDimsAttrs>(
    'ExpandDims',
    ({ inputs: { input }, attrs: { dim }, backend }) => {
      const rank = input.shape.length;
      util.assert(-(rank + 1) <= dim && dim <= rank, () => `Axis must be in the interval [${-(rank + 1)}, ${rank}]`);
      const shape = input.shape.slice();
      shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
      return backend.alias(input, shape);
    },
    anything,
  ),
];
