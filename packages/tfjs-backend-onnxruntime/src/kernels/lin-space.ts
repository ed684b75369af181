import { shared } from '@tensorflow/tfjs-backend-cpu';
import type { LinSpaceAttrs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Numbers from start to stop, each the one before plus a step, rounded as tfjs does. */
export const linSpace = graphKernel<Record<string, never>, LinSpaceAttrs>(
  'LinSpace',
  ({ attrs: { start, stop, num }, backend }) => {
    const elements = shared.linSpaceImpl(start, stop, num);
    return backend.tensor(backend.leaf(Float32Array.from(elements), [elements.length]));
  },
);
