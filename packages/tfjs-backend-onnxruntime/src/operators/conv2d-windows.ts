import { backend_util, type Conv2DAttrs } from '@tensorflow/tfjs-core';
import { type Windows, windowsOf2D } from './windows.ts';

type Shape4D = [number, number, number, number];

type Conv2DGeometry = Pick<Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & Partial<Conv2DAttrs>;

export function conv2dWindowsOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: Conv2DGeometry,
): Windows {
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
