import {
  backend_util,
  type DepthwiseConv2dNativeAttrs,
  type DepthwiseConv2dNativeInputs,
  type FusedDepthwiseConv2DAttrs,
  type FusedDepthwiseConv2DInputs,
} from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { activate } from './activation.ts';
import { convOperator } from './conv-operator.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { channelsFirst, channelsLast, hasNoWindows, outputSize, windowAttributes, windowsOf2D } from './windows.ts';

type Shape4D = [number, number, number, number];

/** A convolution of every channel with filters of its own; also fused with bias and activation. */
export const depthwiseConv2dKernels: readonly GraphKernel[] = [
  graphKernel<DepthwiseConv2dNativeInputs, DepthwiseConv2dNativeAttrs>(
    'DepthwiseConv2dNative',
    ({ inputs: { x, filter }, attrs, backend, builder }) => {
      const result = depthwise(builder, backend.value(x), backend.value(filter), attrs);
      return result && backend.tensor(result);
    },
  ),
  graphKernel<FusedDepthwiseConv2DInputs, FusedDepthwiseConv2DAttrs>(
    'FusedDepthwiseConv2D',
    ({ inputs: { x, filter, bias, preluActivationWeights }, attrs, backend, builder }) => {
      let result = depthwise(builder, backend.value(x), backend.value(filter), attrs);
      if (!result) return undefined;
      if (bias) result = builder.binary('Add', result, backend.value(bias));
      const slope = preluActivationWeights ? backend.value(preluActivationWeights) : undefined;
      const activated = activate(builder, attrs.activation, result, slope, attrs.leakyreluAlpha);
      return activated && backend.tensor(activated);
    },
  ),
];

function depthwise(
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
