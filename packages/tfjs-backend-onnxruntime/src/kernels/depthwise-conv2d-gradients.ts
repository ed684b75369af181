import {
  backend_util,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropFilterInputs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type DepthwiseConv2dNativeBackpropInputInputs,
} from '@tensorflow/tfjs-core';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { correlateWindows, spreadOverWindows } from './window-gradients.ts';
import {
  channelsFirst,
  channelsLast,
  filterSize,
  fitsResult,
  inputSize,
  type Windows,
  windowsOf2D,
} from './windows.ts';

type Shape4D = [number, number, number, number];
type Attributes = Omit<DepthwiseConv2dNativeBackpropInputAttrs, 'inputShape'>;

/** The two gradients of a convolution of every channel with filters of its own. */
export const depthwiseConv2dGradientKernels: readonly GraphKernel[] = [
  graphKernel<DepthwiseConv2dNativeBackpropInputInputs, DepthwiseConv2dNativeBackpropInputAttrs>(
    'DepthwiseConv2dNativeBackpropInput',
    ({ inputs: { dy, filter }, attrs, backend, builder }) => {
      const windows = windowsOf(attrs.inputShape, filter.shape, attrs);
      if (!windows || !fitsResult(dy.shape, windows)) return undefined;
      if (dy.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
      const { outChannels, inChannels } = windows;
      const byChannel = builder.transpose(backend.value(filter), [2, 3, 0, 1]);
      const weights = builder.reshape(byChannel, [outChannels, 1, ...filterSize(windows)]);
      const gradients = channelsFirst(builder, backend.value(dy));
      return backend.tensor(channelsLast(builder, spreadOverWindows(builder, gradients, weights, windows, inChannels)));
    },
  ),
  graphKernel<DepthwiseConv2dNativeBackpropFilterInputs, DepthwiseConv2dNativeBackpropFilterAttrs>(
    'DepthwiseConv2dNativeBackpropFilter',
    ({ inputs: { x, dy }, attrs, backend, builder }) => {
      const windows = windowsOf(x.shape, attrs.filterShape, attrs);
      if (!windows || !fitsResult(dy.shape, windows)) return undefined;
      if (x.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
      const { batchSize, inChannels, outChannels } = windows;
      // The images of one channel are the channels of one group.
      const byChannel = builder.transpose(backend.value(x), [3, 0, 1, 2]);
      const images = builder.reshape(byChannel, [1, inChannels * batchSize, ...inputSize(windows)]);
      const gradients = builder.transpose(backend.value(dy), [3, 0, 1, 2]);
      const sums = correlateWindows(builder, images, gradients, windows, inChannels);
      const filters = builder.reshape(sums, [inChannels, outChannels / inChannels, ...filterSize(windows)]);
      return backend.tensor(builder.transpose(filters, [2, 3, 0, 1]));
    },
  ),
];

/** Undefined with dilations, which tfjs refuses to differentiate and whose gradients the cpu kernels compute without. */
function windowsOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: Attributes,
): Windows | undefined {
  const { strides, dilations, pad, dimRoundingMode } = attrs;
  const info = backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
  if (inputShape.length !== 4 || info.dilationHeight !== 1 || info.dilationWidth !== 1) return undefined;
  return windowsOf2D(info);
}
