import type { LRNAttrs, LRNInputs } from '@tensorflow/tfjs-core';
import { denominator, power } from '../operators/neighbors.ts';
import { graphKernel } from './kernel.ts';

/**
 * x (bias + alpha s)^-beta, where s sums the squares of the channels at most depthRadius away; [batch, height, width, channels].
 * ONNX's LRN divides alpha by the number of channels summed; ONNX Runtime's also keeps a running sum, where one infinity
 * makes NaN of every channel that follows.
 */
export const lrn = graphKernel<LRNInputs, LRNAttrs>('LRN', ({ inputs: { x }, attrs, backend, builder }) => {
  if (x.dtype !== 'float32' || attrs.depthRadius < 0) return undefined;
  const value = backend.value(x);
  return backend.tensor(builder.binary('Mul', value, power(builder, denominator(builder, value, attrs), -attrs.beta)));
});
