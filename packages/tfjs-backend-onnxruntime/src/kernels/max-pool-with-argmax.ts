import type { MaxPoolWithArgmaxAttrs, MaxPoolWithArgmaxInputs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/value.ts';
import { maxPoolWithPositions, poolWindowsOf } from '../operators/pool.ts';
import { channelsFirst, channelsLast, inputSize } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** The largest element of every window and its place in the image, or among all images; -1 where nothing is above -infinity. */
export const maxPoolWithArgmax = graphKernel<MaxPoolWithArgmaxInputs, MaxPoolWithArgmaxAttrs>(
  'MaxPoolWithArgmax',
  ({ inputs: { x }, attrs: { includeBatchInIndex, ...attrs }, backend, builder }) => {
    const windows = x.shape.length === 4 ? poolWindowsOf(x.shape, attrs) : undefined;
    if (!windows || x.dtype !== 'float32' || builder.differs('maxPoolHasNoPositions')) return undefined;
    const lowest = builder.scalar(Number.NEGATIVE_INFINITY, 'float32');
    // tfjs passes over NaN, ONNX Runtime does not.
    const isNaNs = builder.isNaN(backend.value(x));
    const images = channelsFirst(builder, builder.where(isNaNs, lowest, backend.value(x)));
    const [largest, positions] = maxPoolWithPositions(builder, images, windows);
    const { batchSize, inChannels } = windows;
    const pixels = sizeOf(inputSize(windows));
    const whole = (value: number) => builder.scalar(value, 'int32');
    const counted = (count: number, step: number, shape: readonly number[]) =>
      builder.cast(
        builder.integers(
          Array.from({ length: count }, (_, index) => index * step),
          shape,
        ),
        'int32',
      );
    // ONNX counts with the channels first. What is left of a position in one channel is the pixel.
    const pixel = builder.binary('Mod', builder.cast(positions, 'int32'), whole(pixels));
    let place = builder.binary('Mul', pixel, whole(inChannels));
    place = builder.binary('Add', place, counted(inChannels, 1, [inChannels, 1, 1]));
    if (includeBatchInIndex) {
      place = builder.binary('Add', place, counted(batchSize, pixels * inChannels, [batchSize, 1, 1, 1]));
    }
    const isNothing = builder.binary('Equal', largest, lowest, 'bool');
    const index = builder.where(isNothing, whole(-1), place);
    return [backend.tensor(channelsLast(builder, largest)), backend.tensor(channelsLast(builder, index))];
  },
);
