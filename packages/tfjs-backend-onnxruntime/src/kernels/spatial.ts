import type { backend_util } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

/** tfjs keeps images as [batch, height, width, channels], ONNX as [batch, channels, height, width]. */
export const channelsFirst = (builder: GraphBuilder, x: Value): Value => builder.transpose(x, [0, 3, 1, 2]);
export const channelsLast = (builder: GraphBuilder, x: Value): Value => builder.transpose(x, [0, 2, 3, 1]);

type WindowInfo = Pick<
  backend_util.Conv2DInfo,
  'strideHeight' | 'strideWidth' | 'dilationHeight' | 'dilationWidth' | 'padInfo'
>;

/** Whether a filter is larger than the padded image: ONNX Runtime refuses what tfjs gives an empty result. */
export function hasNoWindows({ outHeight, outWidth }: backend_util.Conv2DInfo): boolean {
  return outHeight < 1 || outWidth < 1;
}

/**
 * What a window that starts inside the image needs below and to the right of it. tfjs rounds the number of windows up on request
 * (dimRoundingMode), and ONNX always down: padding makes the two agree.
 */
export function withRoundedPadding(info: backend_util.Conv2DInfo): backend_util.Conv2DInfo {
  const { top, left, bottom, right } = info.padInfo;
  const end = (out: number, stride: number, filter: number) => (out - 1) * stride + filter;
  const height = end(info.outHeight, info.strideHeight, info.effectiveFilterHeight) - info.inHeight - top;
  const width = end(info.outWidth, info.strideWidth, info.effectiveFilterWidth) - info.inWidth - left;
  if (height <= bottom && width <= right) return info;
  const padInfo = { ...info.padInfo, bottom: Math.max(bottom, height), right: Math.max(right, width) };
  return { ...info, padInfo };
}

/** Strides, dilations and pads of a convolution or pool, as ONNX attributes. */
export function windowAttributes(info: WindowInfo) {
  const { top, left, bottom, right } = info.padInfo;
  return {
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
  };
}
