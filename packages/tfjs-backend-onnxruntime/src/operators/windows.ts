import { backend_util, type Conv2DAttrs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

/** Windows of a convolution or pool along one axis of the image. Sizes are in elements. */
export interface WindowAxis {
  readonly input: number;
  /** The number of windows. */
  readonly output: number;
  readonly filter: number;
  /** From the first to the last element of a window: the filter with its dilation. */
  readonly extent: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding. */
  readonly before: number;
  readonly after: number;
}

/** The windows of a convolution or pool over images of any number of axes. */
export interface Windows {
  readonly batchSize: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly axes: readonly WindowAxis[];
}

export type Shape4D = [number, number, number, number];

/** tfjs types shapes by their rank; its kernels are given none but those. */
export const shape4D = (shape: readonly number[]) => shape as Shape4D;

/** The windows of a convolution of images with channels last; `isDepthwise` where every channel has filters of its own. */
export function conv2dWindowsOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: Pick<Conv2DAttrs, 'strides' | 'pad' | 'dimRoundingMode'> & { dilations?: Conv2DAttrs['dilations'] | null },
  isDepthwise = false,
): Windows {
  const { strides, dilations, pad, dimRoundingMode } = attrs;
  const [input, filter] = [shape4D(inputShape), shape4D(filterShape)];
  return windowsOf2D(
    backend_util.computeConv2DInfo(input, filter, strides, dilations ?? 1, pad, dimRoundingMode, isDepthwise),
  );
}

/** The windows over images of [height, width], with as much padding as all of them need. */
export function windowsOf2D(info: backend_util.Conv2DInfo): Windows {
  const { batchSize, inChannels, outChannels, padInfo } = info;
  const height = {
    input: info.inHeight,
    output: info.outHeight,
    filter: info.filterHeight,
    extent: info.effectiveFilterHeight,
    stride: info.strideHeight,
    dilation: info.dilationHeight,
    before: padInfo.top,
    after: padInfo.bottom,
  };
  const width = {
    input: info.inWidth,
    output: info.outWidth,
    filter: info.filterWidth,
    extent: info.effectiveFilterWidth,
    stride: info.strideWidth,
    dilation: info.dilationWidth,
    before: padInfo.left,
    after: padInfo.right,
  };
  return { batchSize, inChannels, outChannels, axes: [height, width].map(withRoundedPadding) };
}

/** Elements that the last window needs beyond the image: the padding there, or less than 0 where windows end before it. */
export const excess = ({ input, output, extent, stride, before }: WindowAxis): number =>
  (output - 1) * stride + extent - input - before;

/**
 * Pads after the image as far as a window that starts inside it needs. tfjs rounds the number of windows up on request
 * (dimRoundingMode), and ONNX always down: padding makes the two agree.
 */
function withRoundedPadding(axis: WindowAxis): WindowAxis {
  return { ...axis, after: Math.max(axis.after, excess(axis)) };
}

/** tfjs keeps images as [batch, ...size, channels], ONNX as [batch, channels, ...size]. */
export function channelsFirst(builder: GraphBuilder, x: Value): Value {
  const [batch = 0, ...others] = x.shape.keys();
  return builder.transpose(x, [batch, others.pop()!, ...others]);
}

/** From ONNX's order of axes to that of tfjs. */
export function channelsLast(builder: GraphBuilder, x: Value): Value {
  const [batch = 0, channels = 1, ...size] = x.shape.keys();
  return builder.transpose(x, [batch, ...size, channels]);
}

/** Whether a filter is larger than the padded image: ONNX Runtime refuses what tfjs gives an empty result. */
export function hasNoWindows({ axes }: Windows): boolean {
  return axes.some(({ output }) => output < 1);
}

/** The number of windows along every axis. */
export const outputSize = ({ axes }: Windows): number[] => axes.map(({ output }) => output);

export const inputSize = ({ axes }: Windows): number[] => axes.map(({ input }) => input);

export const filterSize = ({ axes }: Windows): number[] => axes.map(({ filter }) => filter);

/** Whether a gradient, with channels last, has one element of every channel for every window. */
export function hasOutputSize(dy: readonly number[], windows: Windows): boolean {
  return outputSize(windows).every((size, axis) => size === dy[axis + 1]);
}

/** Whether a gradient, with channels last, has the shape of the result it belongs to. The cpu kernels take others too. */
export function fitsResult(dy: readonly number[], windows: Windows): boolean {
  const shape = [windows.batchSize, ...outputSize(windows), windows.outChannels];
  return shape.every((size, axis) => size > 0 && size === dy[axis]);
}

/** Strides, dilations and pads of a convolution or pool, as ONNX attributes. */
export function windowAttributes({ axes }: Windows) {
  return {
    strides: axes.map(({ stride }) => stride),
    dilations: axes.map(({ dilation }) => dilation),
    pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)],
  };
}
