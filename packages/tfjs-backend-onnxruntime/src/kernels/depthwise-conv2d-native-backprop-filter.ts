import type {
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropFilterInputs,
} from '@tensorflow/tfjs-core';
import { correlateWindows } from '../operators/window-gradients.ts';
import { conv2dWindowsOf, filterSize, fitsResult, inputSize } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** Gradient of a depthwise convolution's filters. */
export const depthwiseConv2dNativeBackpropFilter = graphKernel<
  DepthwiseConv2dNativeBackpropFilterInputs,
  DepthwiseConv2dNativeBackpropFilterAttrs
>('DepthwiseConv2dNativeBackpropFilter', ({ inputs: { x, dy }, attrs, backend, builder }) => {
  const windows = conv2dWindowsOf(x.shape, attrs.filterShape, attrs, true);
  // tfjs refuses to differentiate dilations, and its cpu kernels compute these gradients without.
  if (windows.axes.some(({ dilation }) => dilation !== 1) || !fitsResult(dy.shape, windows)) return undefined;
  if (x.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
  const { batchSize, inChannels, outChannels } = windows;
  // The images of one channel are the channels of one group.
  const byChannel = builder.transpose(backend.value(x), [3, 0, 1, 2]);
  const images = builder.reshape(byChannel, [1, inChannels * batchSize, ...inputSize(windows)]);
  const gradients = builder.transpose(backend.value(dy), [3, 0, 1, 2]);
  const sums = correlateWindows(builder, images, gradients, windows, inChannels);
  const filters = builder.reshape(sums, [inChannels, outChannels / inChannels, ...filterSize(windows)]);
  return backend.tensor(builder.transpose(filters, [2, 3, 0, 1]));
});
