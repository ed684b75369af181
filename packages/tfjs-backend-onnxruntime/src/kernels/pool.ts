import {
  type AvgPoolAttrs,
  type AvgPoolInputs,
  backend_util,
  type MaxPoolAttrs,
  type MaxPoolGradAttrs,
  type MaxPoolGradInputs,
  type MaxPoolInputs,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { addAt, averagePool, canPool, maxPool, maxPoolWithPositions } from './pool-operators.ts';
import { largestElementGradient } from './window-elements.ts';
import { channelsFirst, channelsLast, hasOutputSize, inputSize, type Windows, windowsOf2D } from './windows.ts';

type Shape4D = [number, number, number, number];

/** Largest or mean element of every window; the gradient of the largest. */
export const poolKernels: readonly GraphKernel[] = [
  graphKernel<MaxPoolInputs, MaxPoolAttrs>('MaxPool', ({ inputs: { x }, attrs, backend, builder }) => {
    const windows = windowsOf(x.shape, attrs);
    if (!windows || x.dtype !== 'float32') return undefined;
    const images = channelsFirst(builder, backend.value(x));
    // With positions it is the operator that the gradient has, too.
    const pooled = builder.differs('maxPoolHasNoPositions')
      ? maxPool(builder, images, windows)
      : maxPoolWithPositions(builder, images, windows)[0];
    return backend.tensor(channelsLast(builder, pooled));
  }),
  graphKernel<AvgPoolInputs, AvgPoolAttrs>('AvgPool', ({ inputs: { x }, attrs, backend, builder }) => {
    const windows = windowsOf(x.shape, attrs);
    if (!windows || x.dtype !== 'float32') return undefined;
    const means = averagePool(builder, channelsFirst(builder, backend.value(x)), windows);
    return backend.tensor(channelsLast(builder, means));
  }),
  graphKernel<MaxPoolGradInputs, MaxPoolGradAttrs>(
    'MaxPoolGrad',
    ({ inputs: { dy, input }, attrs, backend, builder }) => {
      const windows = windowsOf(input.shape, attrs);
      if (!windows || input.dtype !== 'float32') return undefined;
      // tfjs does not say here how maxPool rounded: the cpu kernel takes gradients of any shape.
      if (!hasOutputSize(dy.shape, windows)) return undefined;
      if (builder.differs('maxPoolHasNoPositions')) {
        const gradient = largestElementGradient(builder, backend.value(input), backend.value(dy), windows, 'first');
        return backend.tensor(gradient);
      }
      // Positions in the input of every window's largest element; windows may overlap, so gradients are added there.
      const [, positions] = maxPoolWithPositions(builder, channelsFirst(builder, backend.value(input)), windows);
      const gradients = addAt(
        builder,
        builder.filled(0, { type: 'float32', shape: [sizeOf(input.shape)] }),
        builder.reshape(positions, [sizeOf(dy.shape)]),
        builder.reshape(channelsFirst(builder, backend.value(dy)), [sizeOf(dy.shape)]),
      );
      const { batchSize, inChannels } = windows;
      const shape = [batchSize, inChannels, ...inputSize(windows)];
      return backend.tensor(channelsLast(builder, builder.reshape(gradients, shape)));
    },
  ),
];

/** Undefined where ONNX Runtime refuses the windows. */
export function windowsOf(shape: readonly number[], attrs: MaxPoolAttrs): Windows | undefined {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const info = backend_util.computePool2DInfo(shape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
  const windows = windowsOf2D(info);
  return canPool(windows) ? windows : undefined;
}
