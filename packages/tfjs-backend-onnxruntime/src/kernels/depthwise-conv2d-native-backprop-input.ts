import type {
  DepthwiseConv2dNativeBackpropInputAttrs,
  DepthwiseConv2dNativeBackpropInputInputs,
} from '@tensorflow/tfjs-core';
import { depthwiseWindowsOf } from '../operators/depthwise.ts';
import { spreadOverWindows } from '../operators/window-gradients.ts';
import { channelsFirst, channelsLast, filterSize, fitsResult } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** Gradient of a depthwise convolution's images. */
export const depthwiseConv2dNativeBackpropInput = graphKernel<
  DepthwiseConv2dNativeBackpropInputInputs,
  DepthwiseConv2dNativeBackpropInputAttrs
>('DepthwiseConv2dNativeBackpropInput', ({ inputs: { dy, filter }, attrs, backend, builder }) => {
  const windows = depthwiseWindowsOf(attrs.inputShape, filter.shape, attrs);
  if (!windows || !fitsResult(dy.shape, windows)) return undefined;
  if (dy.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
  const { outChannels, inChannels } = windows;
  const byChannel = builder.transpose(backend.value(filter), [2, 3, 0, 1]);
  const weights = builder.reshape(byChannel, [outChannels, 1, ...filterSize(windows)]);
  const gradients = channelsFirst(builder, backend.value(dy));
  return backend.tensor(channelsLast(builder, spreadOverWindows(builder, gradients, weights, windows, inChannels)));
});
