import type { Conv2DBackpropInputAttrs, Conv2DBackpropInputInputs } from '@tensorflow/tfjs-core';
import { convolutionInputGradient } from '../operators/convolution.ts';
import { conv2dWindowsOf, hasOutputSize } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** Gradient of a convolution's images. */
export const conv2dBackpropInput = graphKernel<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>(
  'Conv2DBackpropInput',
  ({ inputs: { dy, filter }, attrs, backend, builder }) => {
    if (attrs.dataFormat !== 'NHWC') return undefined;
    const windows = conv2dWindowsOf(attrs.inputShape, filter.shape, attrs);
    // conv2dTranspose takes any shape as its result; the cpu kernel computes one that dy does not fit.
    if (!hasOutputSize(dy.shape, windows)) return undefined;
    return backend.tensor(convolutionInputGradient(builder, backend.value(dy), backend.value(filter), windows));
  },
);
