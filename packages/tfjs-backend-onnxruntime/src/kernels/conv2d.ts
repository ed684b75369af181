import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  type Conv2DInputs,
  type FusedConv2DAttrs,
  type FusedConv2DInputs,
} from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { activate } from './activation.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { channelsFirst, channelsLast, hasNoWindows, windowAttributes, withRoundedPadding } from './spatial.ts';
import { correlateWindows, spreadOverWindows } from './spatial-gradients.ts';

type Conv2DInfo = backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];
type Attributes = Pick<Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & Partial<Conv2DAttrs>;

/** Convolution with channels last, its two gradients, and its fusion with bias and activation. */
export const conv2dKernels: readonly GraphKernel[] = [
  graphKernel<Conv2DInputs, Conv2DAttrs>('Conv2D', ({ inputs: { x, filter }, attrs, backend, builder }) => {
    if (attrs.dataFormat !== 'NHWC') return undefined;
    const info = infoOf(x.shape, filter.shape, attrs);
    if (hasNoWindows(info)) return undefined;
    return backend.tensor(conv2d(builder, backend.value(x), backend.value(filter), info));
  }),
  graphKernel<FusedConv2DInputs, FusedConv2DAttrs>('FusedConv2D', ({ inputs, attrs, backend, builder }) => {
    const { x, filter, bias, preluActivationWeights } = inputs;
    if (attrs.dataFormat !== 'NHWC') return undefined;
    const info = infoOf(x.shape, filter.shape, attrs);
    if (hasNoWindows(info)) return undefined;
    let result = conv2d(builder, backend.value(x), backend.value(filter), info);
    if (bias) result = builder.binary('Add', result, backend.value(bias));
    const slope = preluActivationWeights ? backend.value(preluActivationWeights) : undefined;
    const activated = activate(builder, attrs.activation, result, slope, attrs.leakyreluAlpha);
    return activated && backend.tensor(activated);
  }),
  graphKernel<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>(
    'Conv2DBackpropInput',
    ({ inputs: { dy, filter }, attrs, backend, builder }) => {
      if (attrs.dataFormat !== 'NHWC') return undefined;
      const info = infoOf(attrs.inputShape, filter.shape, attrs);
      // conv2dTranspose takes any shape as its result; the cpu kernel computes one that dy does not fit.
      if (dy.shape[1] !== info.outHeight || dy.shape[2] !== info.outWidth) return undefined;
      return backend.tensor(inputGradient(builder, backend.value(dy), backend.value(filter), info));
    },
  ),
  graphKernel<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>(
    'Conv2DBackpropFilter',
    ({ inputs: { x, dy }, attrs, backend, builder }) => {
      if (attrs.dataFormat !== 'NHWC') return undefined;
      const info = infoOf(x.shape, attrs.filterShape, attrs);
      // tfjs does not say here how conv2d rounded: the cpu kernel takes gradients of any shape.
      if (dy.shape[1] !== info.outHeight || dy.shape[2] !== info.outWidth) return undefined;
      return backend.tensor(filterGradient(builder, backend.value(x), backend.value(dy), info));
    },
  ),
];

function infoOf(inputShape: readonly number[], filterShape: readonly number[], attrs: Attributes): Conv2DInfo {
  const info = backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  return withRoundedPadding(info);
}

function conv2d(builder: GraphBuilder, x: Value, filter: Value, info: Conv2DInfo): Value {
  const { batchSize, outChannels, outHeight, outWidth } = info;
  const weights = builder.transpose(filter, [3, 2, 0, 1]);
  const shape = [batchSize, outChannels, outHeight, outWidth];
  const attributes = windowAttributes(info);
  const inputs = [channelsFirst(builder, x), weights];
  return channelsLast(builder, builder.operator('Conv', inputs, { type: 'float32', shape }, attributes));
}

function inputGradient(builder: GraphBuilder, dy: Value, filter: Value, info: Conv2DInfo): Value {
  const weights = builder.transpose(filter, [3, 2, 0, 1]);
  return channelsLast(builder, spreadOverWindows(builder, channelsFirst(builder, dy), weights, info));
}

function filterGradient(builder: GraphBuilder, x: Value, dy: Value, info: Conv2DInfo): Value {
  const images = builder.transpose(x, [3, 0, 1, 2]);
  const windows = builder.transpose(dy, [3, 0, 1, 2]);
  return builder.transpose(correlateWindows(builder, images, windows, info), [2, 3, 0, 1]);
}
