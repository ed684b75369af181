import type { ClipByValueAttrs, ClipByValueInputs } from '@tensorflow/tfjs-core';
import { limited } from '../operators/activation.ts';
import { graphKernel } from './kernel.ts';

/** Limits every element to [clipValueMin, clipValueMax]. */
export const clipByValue = graphKernel<ClipByValueInputs, ClipByValueAttrs>(
  'ClipByValue',
  ({ inputs: { x }, attrs: { clipValueMin, clipValueMax }, backend, builder }) => {
    if (x.dtype !== 'float32') return undefined;
    // The limits are leaves: a schedule may change them at every step.
    const limit = (value: number) => backend.leaf(Float32Array.of(value), []);
    return backend.tensor(limited(builder, backend.value(x), limit(clipValueMin), limit(clipValueMax)));
  },
);
