import {
  backend_util,
  type DepthwiseConv2dNativeAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
} from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { convOperator } from './conv-operator.ts';
import {
  channelsFirst,
  channelsLast,
  hasNoWindows,
  outputSize,
  type Windows,
  windowAttributes,
  windowsOf2D,
} from './windows.ts';

type Shape4D = [number, number, number, number];

type DepthwiseGeometry = Omit<DepthwiseConv2dNativeBackpropInputAttrs, 'inputShape'>;

/** Undefined with dilations, which tfjs refuses to differentiate and whose gradients the cpu kernels compute without. */
export function depthwiseWindowsOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: DepthwiseGeometry,
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

export function depthwise(
  builder: GraphBuilder,
  x: Value,
  filter: Value,
  attrs: DepthwiseConv2dNativeAttrs,
): Value | undefined {
  const { strides, pad, dilations, dimRoundingMode } = attrs;
  const info = backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filter.shape as Shape4D,
    strides,
    dilations ?? [1, 1],
    pad,
    dimRoundingMode,
    true,
  );
  const windows = windowsOf2D(info);
  if (hasNoWindows(windows)) return undefined;
  const [height, width] = filter.shape as Shape4D;
  const weights = builder.reshape(builder.transpose(filter, [2, 3, 0, 1]), [windows.outChannels, 1, height, width]);
  const shape = [windows.batchSize, windows.outChannels, ...outputSize(windows)];
  const attributes = { ...windowAttributes(windows), group: windows.inChannels };
  return channelsLast(builder, convOperator(builder, channelsFirst(builder, x), weights, shape, attributes));
}
