import type {
  DepthwiseConv2dNativeBackpropInputAttrs,
  DepthwiseConv2dNativeBackpropInputInputs,
} from '@tensorflow/tfjs-core';
import { depthwiseWeights } from '../operators/depthwise.ts';
import { spreadOverWindows } from '../operators/window-gradients.ts';
import { channelsFirst, channelsLast, conv2dWindowsOf, fitsResult } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** Gradient of a depthwise convolution's images. */
export const depthwiseConv2dNativeBackpropInput = graphKernel<
  DepthwiseConv2dNativeBackpropInputInputs,
  DepthwiseConv2dNativeBackpropInputAttrs
>('DepthwiseConv2dNativeBackpropInput', ({ inputs: { dy, filter }, attrs, backend, builder }) => {
  const windows = conv2dWindowsOf(attrs.inputShape, filter.shape, attrs, true);
  // tfjs refuses to differentiate dilations, and its cpu kernels compute these gradients without.
  if (windows.axes.some(({ dilation }) => dilation !== 1) || !fitsResult(dy.shape, windows)) return undefined;
  if (dy.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
  const weights = depthwiseWeights(builder, backend.value(filter), windows);
  const gradients = channelsFirst(builder, backend.value(dy));
  return backend.tensor(
    channelsLast(builder, spreadOverWindows(builder, gradients, weights, windows, windows.inChannels)),
  );
});
