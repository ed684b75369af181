import {
  type AvgPoolAttrs,
  type AvgPoolInputs,
  backend_util,
  type MaxPoolAttrs,
  type MaxPoolGradAttrs,
  type MaxPoolGradInputs,
  type MaxPoolInputs,
} from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import { sizeOf, type Value } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { channelsFirst, channelsLast, hasNoWindows, windowAttributes, withRoundedPadding } from './spatial.ts';

type PoolInfo = backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

/** Largest or mean element of every window; the gradient of the largest. */
export const poolKernels: readonly GraphKernel[] = [
  graphKernel<MaxPoolInputs, MaxPoolAttrs>('MaxPool', ({ inputs: { x }, attrs, backend, builder }) => {
    const info = infoOf(x.shape, attrs);
    if (!info || x.dtype !== 'float32') return undefined;
    const [largest] = maxPool(builder, backend.value(x), info);
    return backend.tensor(channelsLast(builder, largest));
  }),
  graphKernel<AvgPoolInputs, AvgPoolAttrs>('AvgPool', ({ inputs: { x }, attrs, backend, builder }) => {
    const info = infoOf(x.shape, attrs);
    if (!info || x.dtype !== 'float32') return undefined;
    const { strides, pads } = windowAttributes(info);
    const means = builder.operator(
      'AveragePool',
      [channelsFirst(builder, backend.value(x))],
      { type: 'float32', shape: pooledShape(info) },
      { kernel_shape: [info.filterHeight, info.filterWidth], strides, pads },
    );
    return backend.tensor(channelsLast(builder, means));
  }),
  graphKernel<MaxPoolGradInputs, MaxPoolGradAttrs>(
    'MaxPoolGrad',
    ({ inputs: { dy, input }, attrs, backend, builder }) => {
      const info = infoOf(input.shape, attrs);
      if (!info || input.dtype !== 'float32') return undefined;
      // tfjs does not say here how maxPool rounded: the cpu kernel takes gradients of any shape.
      if (dy.shape[1] !== info.outHeight || dy.shape[2] !== info.outWidth) return undefined;
      // Positions in the input of every window's largest element; windows may overlap, so gradients are added there.
      const [, positions] = maxPool(builder, backend.value(input), info);
      const gradients = builder.operator(
        'ScatterElements',
        [
          builder.filled(0, { type: 'float32', shape: [sizeOf(input.shape)] }),
          builder.reshape(positions, [sizeOf(dy.shape)]),
          builder.reshape(channelsFirst(builder, backend.value(dy)), [sizeOf(dy.shape)]),
        ],
        { type: 'float32', shape: [sizeOf(input.shape)] },
        { axis: 0, reduction: 'add' },
      );
      const { batchSize, inChannels, inHeight, inWidth } = info;
      return backend.tensor(
        channelsLast(builder, builder.reshape(gradients, [batchSize, inChannels, inHeight, inWidth])),
      );
    },
  ),
];

/** Undefined for windows that lie wholly in the padding, and where there are none: ONNX Runtime refuses them. */
function infoOf(shape: readonly number[], attrs: MaxPoolAttrs): PoolInfo | undefined {
  const exact = backend_util.computePool2DInfo(
    shape as Shape4D,
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const info = withRoundedPadding(exact);
  const { top, left, bottom, right } = info.padInfo;
  const fits = Math.max(top, bottom) < info.filterHeight && Math.max(left, right) < info.filterWidth;
  return fits && !hasNoWindows(info) ? info : undefined;
}

function maxPool(builder: GraphBuilder, x: Value, info: PoolInfo): readonly [Value, Value] {
  const shape = pooledShape(info);
  return builder.operatorOf(
    'MaxPool',
    [channelsFirst(builder, x)],
    [
      { type: 'float32', shape },
      { type: 'int64', shape },
    ],
    { kernel_shape: [info.filterHeight, info.filterWidth], ...windowAttributes(info) },
  ) as unknown as readonly [Value, Value];
}

function pooledShape({ batchSize, inChannels, outHeight, outWidth }: PoolInfo): number[] {
  return [batchSize, inChannels, outHeight, outWidth];
}
