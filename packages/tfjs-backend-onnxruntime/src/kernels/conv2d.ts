import type { Conv2DAttrs, Conv2DInputs } from '@tensorflow/tfjs-core';
import { convolve } from '../operators/convolution.ts';
import { conv2dWindowsOf, hasNoWindows } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** Convolution of images with channels last. */
export const conv2d = graphKernel<Conv2DInputs, Conv2DAttrs>(
  'Conv2D',
  ({ inputs: { x, filter }, attrs, backend, builder }) => {
    if (attrs.dataFormat !== 'NHWC') return undefined;
    const windows = conv2dWindowsOf(x.shape, filter.shape, attrs);
    if (hasNoWindows(windows)) return undefined;
    return backend.tensor(convolve(builder, backend.value(x), backend.value(filter), windows));
  },
);
