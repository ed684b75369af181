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

/** Strides, dilations and pads of a convolution or pool, as ONNX attributes. */
export function windowAttributes(info: WindowInfo) {
  const { top, left, bottom, right } = info.padInfo;
  return {
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
  };
}
