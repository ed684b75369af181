import type { FlipLeftRightInputs } from '@tensorflow/tfjs-core';
import { reversed } from '../operators/reversed.ts';
import { graphKernel } from './kernel.ts';

/** Reverses the order of an image's columns. */
export const flipLeftRight = graphKernel<FlipLeftRightInputs>(
  'FlipLeftRight',
  ({ inputs: { image }, backend, builder }) => backend.tensor(reversed(builder, backend.value(image), [2])),
);
