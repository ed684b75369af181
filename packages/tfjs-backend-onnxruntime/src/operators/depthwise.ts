import type { DepthwiseConv2dNativeAttrs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { convOperator } from './conv-operator.ts';
import {
  channelsFirst,
  channelsLast,
  conv2dWindowsOf,
  filterSize,
  hasNoWindows,
  outputSize,
  type Windows,
  windowAttributes,
} from './windows.ts';

/** A convolution of every channel with filters of its own; undefined where a filter is larger than the padded image. */
export function depthwise(
  builder: GraphBuilder,
  x: Value,
  filter: Value,
  attrs: DepthwiseConv2dNativeAttrs,
): Value | undefined {
  const windows = conv2dWindowsOf(x.shape, filter.shape, attrs, true);
  if (hasNoWindows(windows)) return undefined;
  const weights = depthwiseWeights(builder, filter, windows);
  const shape = [windows.batchSize, windows.outChannels, ...outputSize(windows)];
  const attributes = { ...windowAttributes(windows), group: windows.inChannels };
  return channelsLast(builder, convOperator(builder, channelsFirst(builder, x), weights, shape, attributes));
}

/** [height, width, inputs, multiplier] as [outputs, 1, height, width]. */
export function depthwiseWeights(builder: GraphBuilder, filter: Value, windows: Windows): Value {
  return builder.reshape(builder.transpose(filter, [2, 3, 0, 1]), [windows.outChannels, 1, ...filterSize(windows)]);
}
