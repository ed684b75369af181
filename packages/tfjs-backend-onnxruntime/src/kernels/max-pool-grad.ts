import type { MaxPoolGradAttrs, MaxPoolGradInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { addAt, maxPoolWithPositions, poolWindowsOf } from '../operators/pool.ts';
import { largestElementGradient } from '../operators/window-elements.ts';
import { channelsFirst, channelsLast, hasOutputSize, inputSize } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** The gradient of the largest element of every window. */
export const maxPoolGrad = graphKernel<MaxPoolGradInputs, MaxPoolGradAttrs>(
  'MaxPoolGrad',
  ({ inputs: { dy, input }, attrs, backend, builder }) => {
    const windows = poolWindowsOf(input.shape, attrs);
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
);
