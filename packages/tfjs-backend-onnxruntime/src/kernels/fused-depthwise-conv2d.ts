import type { FusedDepthwiseConv2DAttrs, FusedDepthwiseConv2DInputs } from '@tensorflow/tfjs-core';
import { activate } from '../operators/activation.ts';
import { depthwise } from '../operators/depthwise.ts';
import { graphKernel } from './kernel.ts';

/** Depthwise convolution, bias and activation in one call. */
export const fusedDepthwiseConv2d = graphKernel<FusedDepthwiseConv2DInputs, FusedDepthwiseConv2DAttrs>(
  'FusedDepthwiseConv2D',
  ({ inputs: { x, filter, bias, preluActivationWeights }, attrs, backend, builder }) => {
    let result = depthwise(builder, backend.value(x), backend.value(filter), attrs);
    if (!result) return undefined;
    if (bias) result = builder.binary('Add', result, backend.value(bias));
    const slope = preluActivationWeights ? backend.value(preluActivationWeights) : undefined;
    const activated = activate(builder, attrs.activation, result, slope, attrs.leakyreluAlpha);
    return activated && backend.tensor(activated);
  },
);
