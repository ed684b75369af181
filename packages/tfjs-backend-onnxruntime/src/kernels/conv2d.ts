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
import { activate } from './activation.ts';
import { convolutionFilterGradient, convolutionInputGradient, convolve } from './convolution.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { hasNoWindows, hasOutputSize, type Windows, windowsOf2D } from './windows.ts';

type Shape4D = [number, number, number, number];
type Attributes = Pick<Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & Partial<Conv2DAttrs>;

/** Convolution with channels last, its two gradients, and its fusion with bias and activation. */
export const conv2dKernels: readonly GraphKernel[] = [
  graphKernel<Conv2DInputs, Conv2DAttrs>('Conv2D', ({ inputs: { x, filter }, attrs, backend, builder }) => {
    if (attrs.dataFormat !== 'NHWC') return undefined;
    const windows = windowsOf(x.shape, filter.shape, attrs);
    if (hasNoWindows(windows)) return undefined;
    return backend.tensor(convolve(builder, backend.value(x), backend.value(filter), windows));
  }),
  graphKernel<FusedConv2DInputs, FusedConv2DAttrs>('FusedConv2D', ({ inputs, attrs, backend, builder }) => {
    const { x, filter, bias, preluActivationWeights } = inputs;
    if (attrs.dataFormat !== 'NHWC') return undefined;
    const windows = windowsOf(x.shape, filter.shape, attrs);
    if (hasNoWindows(windows)) return undefined;
    let result = convolve(builder, backend.value(x), backend.value(filter), windows);
    if (bias) result = builder.binary('Add', result, backend.value(bias));
    const slope = preluActivationWeights ? backend.value(preluActivationWeights) : undefined;
    const activated = activate(builder, attrs.activation, result, slope, attrs.leakyreluAlpha);
    return activated && backend.tensor(activated);
  }),
  graphKernel<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>(
    'Conv2DBackpropInput',
    ({ inputs: { dy, filter }, attrs, backend, builder }) => {
      if (attrs.dataFormat !== 'NHWC') return undefined;
      const windows = windowsOf(attrs.inputShape, filter.shape, attrs);
      // conv2dTranspose takes any shape as its result; the cpu kernel computes one that dy does not fit.
      if (!hasOutputSize(dy.shape, windows)) return undefined;
      return backend.tensor(convolutionInputGradient(builder, backend.value(dy), backend.value(filter), windows));
    },
  ),
  graphKernel<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>(
    'Conv2DBackpropFilter',
    ({ inputs: { x, dy }, attrs, backend, builder }) => {
      if (attrs.dataFormat !== 'NHWC') return undefined;
      const windows = windowsOf(x.shape, attrs.filterShape, attrs);
      // tfjs does not say here how conv2d rounded: the cpu kernel takes gradients of any shape.
      if (!hasOutputSize(dy.shape, windows)) return undefined;
      return backend.tensor(convolutionFilterGradient(builder, backend.value(x), backend.value(dy), windows));
    },
  ),
];

function windowsOf(inputShape: readonly number[], filterShape: readonly number[], attrs: Attributes): Windows {
  const info = backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  return windowsOf2D(info);
}
