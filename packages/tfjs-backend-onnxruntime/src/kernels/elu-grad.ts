import type { EluGradInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** The gradient of ELU: dy where y >= 0, dy (y + 1) elsewhere. */
export const eluGrad = graphKernel<EluGradInputs>('EluGrad', ({ inputs: { dy, y }, backend, builder }) => {
  const zero = builder.scalar(0, 'float32');
  const slope = builder.binary('Add', builder.binary('Min', backend.value(y), zero), builder.scalar(1, 'float32'));
  return backend.tensor(builder.binary('Mul', backend.value(dy), slope));
});
