import type { StepAttrs, StepInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** 1 above 0, alpha elsewhere; NaN stays NaN. */
export const step = graphKernel<StepInputs, StepAttrs>(
  'Step',
  ({ inputs: { x }, attrs: { alpha }, backend, builder }) => {
    if (x.dtype !== 'float32') return undefined;
    const value = backend.value(x);
    const positive = builder.binary('Greater', value, builder.scalar(0, 'float32'), 'bool');
    const step = builder.where(positive, builder.scalar(1, 'float32'), builder.scalar(alpha, 'float32'));
    const undefinedNumber = builder.isNaN(value);
    return backend.tensor(builder.where(undefinedNumber, value, step));
  },
);
