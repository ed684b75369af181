import type { backend_util } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { windowAttributes } from './spatial.ts';

type Conv2DInfo = backend_util.Conv2DInfo;

/** Whether a gradient has the shape of the result it belongs to. The cpu kernels take others too. */
export function fitsResult(dy: readonly number[], info: Conv2DInfo): boolean {
  return info.outShape.every((size, axis) => size > 0 && size === dy[axis]);
}

/**
 * Adds every element of dy, times the filter, to the elements of its window: the gradient of a convolution's input.
 * dy is [batch, outputs, outHeight, outWidth] and the weights [outputs, inputs / groups, filterHeight, filterWidth];
 * the result is [batch, inputs, inHeight, inWidth]. `info` must have its padding rounded.
 */
export function spreadOverWindows(
  builder: GraphBuilder,
  dy: Value,
  weights: Value,
  info: Conv2DInfo,
  group = 1,
): Value {
  const { inHeight, inWidth, outHeight, outWidth } = info;
  const { strides, dilations, pads } = windowAttributes(info);
  // Rows that no window reached, because the stride did not divide the input, get their zeros from output padding.
  const { top, left, bottom, right } = info.padInfo;
  const reachedHeight = (outHeight - 1) * info.strideHeight + info.effectiveFilterHeight - top - bottom;
  const reachedWidth = (outWidth - 1) * info.strideWidth + info.effectiveFilterWidth - left - right;
  const shape = [dy.shape[0] as number, (weights.shape[1] as number) * group, inHeight, inWidth];
  return builder.operator(
    'ConvTranspose',
    [dy, weights],
    { type: 'float32', shape },
    { strides, dilations, pads, output_padding: [inHeight - reachedHeight, inWidth - reachedWidth], group },
  );
}

/**
 * Sums of products of the windows with dy: the gradient of a convolution's filter, which is a convolution where batch and
 * channels change places, and strides and dilations do too. Images are [a, batch * groups, inHeight, inWidth] and dy
 * [b, batch, outHeight, outWidth]; the result is [a, b, filterHeight, filterWidth]. `info` must have its padding rounded.
 */
export function correlateWindows(builder: GraphBuilder, images: Value, dy: Value, info: Conv2DInfo, group = 1): Value {
  const { strides, dilations, pads } = windowAttributes(info);
  const extent = (input: number, before: number, after: number, out: number, stride: number, dilation: number) =>
    Math.floor((input + before + after - ((out - 1) * stride + 1)) / dilation) + 1;
  const { top, left, bottom, right } = info.padInfo;
  const height = extent(info.inHeight, top, bottom, info.outHeight, info.strideHeight, info.dilationHeight);
  const width = extent(info.inWidth, left, right, info.outWidth, info.strideWidth, info.dilationWidth);
  const [rows, columns] = [images.shape[0] as number, dy.shape[0] as number];
  const sums = builder.operator(
    'Conv',
    [images, dy],
    { type: 'float32', shape: [rows, columns, height, width] },
    { strides: dilations, dilations: strides, pads, group },
  );
  // Rows beyond the filter come from input that no window reached.
  return builder.slice(sums, [0, 0, 0, 0], [rows, columns, info.filterHeight, info.filterWidth]);
}
