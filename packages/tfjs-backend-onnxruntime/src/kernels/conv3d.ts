import {
  backend_util,
  type Conv3DAttrs,
  type Conv3DBackpropFilterV2Attrs,
  type Conv3DBackpropFilterV2Inputs,
  type Conv3DBackpropInputV2Attrs,
  type Conv3DBackpropInputV2Inputs,
  type Conv3DInputs,
} from '@tensorflow/tfjs-core';
import {
  convolutionFilterGradient,
  convolutionInputGradient,
  convolve,
  spacedInputGradient,
  unitStrideInputGradient,
} from './convolution.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { reached, spreadToVolume, type VolumeWindows, volumeWindowsOf } from './volumes.ts';
import { fitsResult, hasNoWindows } from './windows.ts';

type Shape5D = [number, number, number, number, number];
type Attributes = Pick<Conv3DAttrs, 'strides' | 'pad'> & Partial<Conv3DAttrs>;

/** Convolution of volumes with channels last, and its two gradients. */
export const conv3dKernels: readonly GraphKernel[] = [
  graphKernel<Conv3DInputs, Conv3DAttrs>('Conv3D', ({ inputs: { x, filter }, attrs, backend, builder }) => {
    if (x.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
    const volume = volumeOf(x.shape, filter.shape, attrs);
    if (!volume) return undefined;
    const part = reached(builder, backend.value(x), volume);
    return backend.tensor(convolve(builder, part, backend.value(filter), volume.windows));
  }),
  graphKernel<Conv3DBackpropInputV2Inputs, Conv3DBackpropInputV2Attrs>(
    'Conv3DBackpropInputV2',
    ({ inputs: { dy, filter }, attrs, backend, builder }) => {
      if (dy.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
      const volume = volumeOf(attrs.inputShape, filter.shape, attrs);
      // conv3dTranspose takes any shape as its result; the cpu kernel computes one that dy does not fit.
      if (!volume || !fitsResult(dy.shape, volume.windows)) return undefined;
      const of = [builder, backend.value(dy), backend.value(filter), volume.windows] as const;
      const otherGradient = builder.differs('convTransposeIsFlat') ? spacedInputGradient : convolutionInputGradient;
      const gradient = unitStrideInputGradient(...of) ?? otherGradient(...of);
      return gradient && backend.tensor(spreadToVolume(builder, gradient, volume));
    },
  ),
  graphKernel<Conv3DBackpropFilterV2Inputs, Conv3DBackpropFilterV2Attrs>(
    'Conv3DBackpropFilterV2',
    ({ inputs: { x, dy }, attrs, backend, builder }) => {
      if (x.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
      const volume = volumeOf(x.shape, attrs.filterShape, attrs);
      if (!volume || !fitsResult(dy.shape, volume.windows)) return undefined;
      const part = reached(builder, backend.value(x), volume);
      return backend.tensor(convolutionFilterGradient(builder, part, backend.value(dy), volume.windows));
    },
  ),
];

/** Undefined where the filter is larger than the padded volume. */
function volumeOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, pad }: Attributes,
): VolumeWindows | undefined {
  const [input, filter] = [inputShape as Shape5D, filterShape as Shape5D];
  const volume = volumeWindowsOf(backend_util.computeConv3DInfo(input, filter, strides, dilations ?? 1, pad));
  return hasNoWindows(volume.windows) ? undefined : volume;
}
