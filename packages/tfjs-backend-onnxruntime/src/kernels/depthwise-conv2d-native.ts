import type { DepthwiseConv2dNativeAttrs, DepthwiseConv2dNativeInputs } from '@tensorflow/tfjs-core';
import { depthwise } from '../operators/depthwise.ts';
import { graphKernel } from './kernel.ts';

/** A convolution of every channel with filters of its own. */
export const depthwiseConv2dNative = graphKernel<DepthwiseConv2dNativeInputs, DepthwiseConv2dNativeAttrs>(
  'DepthwiseConv2dNative',
  ({ inputs: { x, filter }, attrs, backend, builder }) => {
    const result = depthwise(builder, backend.value(x), backend.value(filter), attrs);
    return result && backend.tensor(result);
  },
);
