import { type AvgPoolGradAttrs, type AvgPoolGradInputs, backend_util } from '@tensorflow/tfjs-core';
import { graphKernel } from './kernel.ts';
import { channelsFirst, channelsLast, withRoundedPadding } from './spatial.ts';
import { fitsResult, spreadOverWindows } from './spatial-gradients.ts';

type Shape4D = [number, number, number, number];

/**
 * The gradient of the mean of every window, as tfjs-backend-cpu has it: elements get dy / (height * width)
 * of the window, also where part of the window is padding, although avgPool leaves padding out of its means.
 */
export const avgPoolGrad = graphKernel<AvgPoolGradInputs, AvgPoolGradAttrs>(
  'AvgPoolGrad',
  ({ inputs: { dy, input }, attrs: { filterSize, strides, pad }, backend, builder }) => {
    const shape = input.shape as Shape4D;
    const info = withRoundedPadding(backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad));
    // tfjs does not say here how avgPool rounded: the cpu kernel takes gradients of any shape.
    if (dy.dtype !== 'float32' || !fitsResult(dy.shape, info)) return undefined;
    const { batchSize, inChannels, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = info;
    // Channels are pooled alike: as images of one channel they share one filter.
    const windows = builder.reshape(channelsFirst(builder, backend.value(dy)), [
      batchSize * inChannels,
      1,
      outHeight,
      outWidth,
    ]);
    const weights = builder.filled(1 / (filterHeight * filterWidth), {
      type: 'float32',
      shape: [1, 1, filterHeight, filterWidth],
    });
    const gradients = spreadOverWindows(builder, windows, weights, info);
    return backend.tensor(
      channelsLast(builder, builder.reshape(gradients, [batchSize, inChannels, inHeight, inWidth])),
    );
  },
);
