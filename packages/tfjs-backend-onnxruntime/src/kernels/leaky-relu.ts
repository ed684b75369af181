import type { LeakyReluAttrs, LeakyReluInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** x where it is not negative, alpha x elsewhere. */
export const leakyRelu = graphKernel<LeakyReluInputs, LeakyReluAttrs>(
  'LeakyRelu',
  ({ inputs: { x }, attrs: { alpha }, backend, builder }) =>
    x.dtype === 'float32'
      ? backend.tensor(builder.unary('LeakyRelu', backend.value(x), { alpha: { float: alpha } }))
      : undefined,
);
