import type { FusedConv2DAttrs, FusedConv2DInputs } from '@tensorflow/tfjs-core';
import { activate } from '../operators/activation.ts';
import { convolve } from '../operators/convolution.ts';
import { conv2dWindowsOf, hasNoWindows } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** Convolution, bias and activation in one call, as tf.layers makes it. */
export const fusedConv2d = graphKernel<FusedConv2DInputs, FusedConv2DAttrs>(
  'FusedConv2D',
  ({ inputs, attrs, backend, builder }) => {
    const { x, filter, bias, preluActivationWeights } = inputs;
    if (attrs.dataFormat !== 'NHWC') return undefined;
    const windows = conv2dWindowsOf(x.shape, filter.shape, attrs);
    if (hasNoWindows(windows)) return undefined;
    let result = convolve(builder, backend.value(x), backend.value(filter), windows);
    if (bias) result = builder.binary('Add', result, backend.value(bias));
    const slope = preluActivationWeights ? backend.value(preluActivationWeights) : undefined;
    const activated = activate(builder, attrs.activation, result, slope, attrs.leakyreluAlpha);
    return activated && backend.tensor(activated);
  },
);
