import { shared } from '@tensorflow/tfjs-backend-cpu';
import type { RangeAttrs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** Numbers from start to before stop, each the one before plus the step, rounded as tfjs does. */
export const range = graphKernel<Record<string, never>, RangeAttrs>(
  'Range',
  ({ attrs: { start, stop, step, dtype }, backend }) => {
    const elements = shared.rangeImpl(start, stop, step, dtype);
    return backend.tensor(backend.leaf(elements as Float32Array | Int32Array, [elements.length]), dtype);
  },
);
