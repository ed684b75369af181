import type { _FusedMatMulAttrs, _FusedMatMulInputs } from '@tensorflow/tfjs-core';
import { activate } from '../operators/activation.ts';
import { graphKernel } from './kernel.ts';

/** Matrix product, bias and activation in one call, as tf.layers makes it. */
export const fusedMatMul = graphKernel<_FusedMatMulInputs, _FusedMatMulAttrs>(
  '_FusedMatMul',
  ({ inputs: { a, b, bias, preluActivationWeights }, attrs, backend, builder }) => {
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
    let result = builder.matMul(backend.value(a), backend.value(b), attrs.transposeA, attrs.transposeB);
    if (bias) result = builder.binary('Add', result, backend.value(bias));
    const slope = preluActivationWeights ? backend.value(preluActivationWeights) : undefined;
    const activated = activate(builder, attrs.activation, result, slope, attrs.leakyreluAlpha);
    return activated && backend.tensor(activated);
  },
);
