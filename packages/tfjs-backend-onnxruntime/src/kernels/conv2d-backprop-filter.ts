import type { Conv2DBackpropFilterAttrs, Conv2DBackpropFilterInputs } from '@tensorflow/tfjs-core';
import { convolutionFilterGradient } from '../operators/convolution.ts';
import { conv2dWindowsOf, hasOutputSize } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** Gradient of a convolution's filter. */
export const conv2dBackpropFilter = graphKernel<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>(
  'Conv2DBackpropFilter',
  ({ inputs: { x, dy }, attrs, backend, builder }) => {
    if (attrs.dataFormat !== 'NHWC') return undefined;
    const windows = conv2dWindowsOf(x.shape, attrs.filterShape, attrs);
    // tfjs does not say here how conv2d rounded: the cpu kernel takes gradients of any shape.
    if (!hasOutputSize(dy.shape, windows)) return undefined;
    return backend.tensor(convolutionFilterGradient(builder, backend.value(x), backend.value(dy), windows));
  },
);
