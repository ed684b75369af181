import type { PadV2Attrs, PadV2Inputs } from '@tensorflow/tfjs-core';
import { changesNothing, padded } from '../operators/padded.ts';
import { graphKernel } from './kernel.ts';

/** Adds elements of one value before and after each axis. */
export const padV2 = graphKernel<PadV2Inputs, PadV2Attrs>(
  'PadV2',
  ({ inputs: { x }, attrs: { paddings, constantValue }, backend, builder }) => {
    if (changesNothing(paddings)) return backend.alias(x);
    return backend.tensor(padded(builder, backend.value(x), paddings, constantValue));
  },
);
