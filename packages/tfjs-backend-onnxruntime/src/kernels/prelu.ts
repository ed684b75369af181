import type { PreluInputs } from '@tensorflow/tfjs-core';
import { prelu } from '../operators/activation.ts';
import { graphKernel } from './kernel.ts';

/** x where it is not negative, a trainable slope times x elsewhere. */
export const preluKernel = graphKernel<PreluInputs>('Prelu', ({ inputs: { x, alpha }, backend, builder }) =>
  backend.tensor(
    prelu(builder, builder.cast(backend.value(x), 'float32'), builder.cast(backend.value(alpha), 'float32')),
  ),
);
