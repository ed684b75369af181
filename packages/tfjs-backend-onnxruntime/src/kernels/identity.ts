import type { IdentityInputs } from '@tensorflow/tfjs-core';
import { anything, graphKernel } from './kernel.ts';

/** Another tensor with the same elements; nothing is computed. */
export const identity = graphKernel<IdentityInputs>(
  'Identity',
  ({ inputs: { x }, backend }) => backend.alias(x),
  anything,
);
