import { backend_util, type MaxPoolAttrs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import { sizeOf, type Value } from '../graph/value.ts';
import { spreadOverWindows } from './window-gradients.ts';
import {
  channelsFirst,
  channelsLast,
  filterSize,
  hasNoWindows,
  inputSize,
  outputSize,
  shape4D,
  type Windows,
  windowAttributes,
  windowsOf2D,
} from './windows.ts';

/** False for windows that lie wholly in the padding, and where there are none: ONNX Runtime refuses them. */
export function canPool(windows: Windows): boolean {
  return !hasNoWindows(windows) && windows.axes.every(({ before, after, filter }) => Math.max(before, after) < filter);
}

/** The largest element of every window of x, [batch, channels, ...size]. */
export function maxPool(builder: GraphBuilder, x: Value, windows: Windows): Value {
  const output = { type: 'float32', shape: fittingShape(windows) } as const;
  const attributes = { kernel_shape: filterSize(windows), ...windowAttributes(windows) };
  return wanted(builder, builder.operator('MaxPool', [x], output, attributes), windows);
}

/** The largest element of every window of x, [batch, channels, ...size], and its position among all elements of x. */
export function maxPoolWithPositions(builder: GraphBuilder, x: Value, windows: Windows): readonly [Value, Value] {
  const shape = fittingShape(windows);
  const results = builder.operatorOf(
    'MaxPool',
    [x],
    [
      { type: 'float32', shape },
      { type: 'int64', shape },
    ],
    { kernel_shape: filterSize(windows), ...windowAttributes(windows) },
  );
  const [largest, position] = results;
  return [wanted(builder, largest!, windows), wanted(builder, position!, windows)];
}

/** The mean of every window of x, [batch, channels, ...size], without the padding. */
export function averagePool(builder: GraphBuilder, x: Value, windows: Windows): Value {
  const { strides, pads } = windowAttributes(windows);
  const output = { type: 'float32', shape: fittingShape(windows) } as const;
  const means = builder.operator('AveragePool', [x], output, { kernel_shape: filterSize(windows), strides, pads });
  return wanted(builder, means, windows);
}

/** The target with the values added at the positions, of which several may be the same. All are flat. */
export function addAt(builder: GraphBuilder, target: Value, positions: Value, values: Value): Value {
  const attributes = { axis: 0, reduction: 'add' };
  return builder.operator('ScatterElements', [target, positions, values], target, attributes);
}

/**
 * The gradient of the mean of every window, as tfjs-backend-cpu has it: elements get dy / (size of the window), also
 * where part of the window is padding, although the pool leaves padding out of its means. dy has its channels last.
 */
export function averagePoolGradient(builder: GraphBuilder, dy: Value, windows: Windows): Value {
  const { batchSize, inChannels } = windows;
  // Channels are pooled alike: as images of one channel they share one filter.
  const images = builder.reshape(channelsFirst(builder, dy), [batchSize * inChannels, 1, ...outputSize(windows)]);
  const size = filterSize(windows);
  const weights = builder.filled(1 / sizeOf(size), { type: 'float32', shape: [1, 1, ...size] });
  const gradients = spreadOverWindows(builder, images, weights, windows);
  return channelsLast(builder, builder.reshape(gradients, [batchSize, inChannels, ...inputSize(windows)]));
}

/** The shape that ONNX gives: of all windows that fit. */
function fittingShape({ batchSize, inChannels, axes }: Windows): number[] {
  const fitting = axes.map(
    ({ input, extent, stride, before, after }) => Math.floor((input + before + after - extent) / stride) + 1,
  );
  return [batchSize, inChannels, ...fitting];
}

/** Without the windows beyond those of tfjs, which sometimes has fewer: it takes the filter's height for its width. */
function wanted(builder: GraphBuilder, pooled: Value, windows: Windows): Value {
  const shape = [windows.batchSize, windows.inChannels, ...outputSize(windows)];
  return builder.slice(pooled, new Array(shape.length).fill(0), shape);
}

/** Undefined where ONNX Runtime refuses the windows. */
export function poolWindowsOf(shape: readonly number[], attrs: MaxPoolAttrs): Windows | undefined {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const info = backend_util.computePool2DInfo(shape4D(shape), filterSize, strides, 1, pad, dimRoundingMode);
  const windows = windowsOf2D(info);
  return canPool(windows) ? windows : undefined;
}
