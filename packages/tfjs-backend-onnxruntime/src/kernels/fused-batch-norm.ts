import type { FusedBatchNormAttrs, FusedBatchNormInputs } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';

/** (x - mean) / sqrt(variance + epsilon) * scale + offset, all broadcast to x. */
export const fusedBatchNorm = graphKernel<FusedBatchNormInputs, FusedBatchNormAttrs>(
  'FusedBatchNorm',
  ({ inputs: { x, mean, variance, scale, offset }, attrs, backend, builder }) => {
    const epsilon = builder.scalar(attrs.varianceEpsilon ?? 0.001, 'float32');
    const deviation = builder.unary('Sqrt', builder.binary('Add', backend.value(variance), epsilon));
    let factor = builder.unary('Reciprocal', deviation);
    if (scale) factor = builder.binary('Mul', factor, backend.value(scale));
    const centered = builder.binary('Sub', backend.value(x), backend.value(mean));
    const scaled = builder.binary('Mul', centered, factor);
    return backend.tensor(offset ? builder.binary('Add', scaled, backend.value(offset)) : scaled);
  },
);
