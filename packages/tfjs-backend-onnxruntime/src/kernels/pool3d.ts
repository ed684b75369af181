import {
  type AvgPool3DAttrs,
  type AvgPool3DGradAttrs,
  type AvgPool3DGradInputs,
  type AvgPool3DInputs,
  backend_util,
  type MaxPool3DAttrs,
  type MaxPool3DInputs,
} from '@tensorflow/tfjs-core';
import { type GraphKernel, graphKernel } from './kernel.ts';
import { averagePool, averagePoolGradient, canPool, maxPool } from './pool-operators.ts';
import { reached, spreadToVolume, type VolumeWindows, volumeWindowsOf } from './volumes.ts';
import { meanGradient } from './window-elements.ts';
import { channelsFirst, channelsLast, fitsResult } from './windows.ts';

type Shape5D = [number, number, number, number, number];

/** Largest or mean element of every window of a volume with channels last; the gradient of the mean. */
export const pool3dKernels: readonly GraphKernel[] = [
  graphKernel<MaxPool3DInputs, MaxPool3DAttrs>('MaxPool3D', ({ inputs: { x }, attrs, backend, builder }) => {
    const volume = pooledVolumeOf(x.shape, attrs);
    if (!volume || x.dtype !== 'float32' || attrs.dataFormat !== 'NDHWC') return undefined;
    const part = channelsFirst(builder, reached(builder, backend.value(x), volume));
    return backend.tensor(channelsLast(builder, maxPool(builder, part, volume.windows)));
  }),
  graphKernel<AvgPool3DInputs, AvgPool3DAttrs>('AvgPool3D', ({ inputs: { x }, attrs, backend, builder }) => {
    const volume = pooledVolumeOf(x.shape, attrs);
    if (!volume || x.dtype !== 'float32' || attrs.dataFormat !== 'NDHWC') return undefined;
    const part = channelsFirst(builder, reached(builder, backend.value(x), volume));
    return backend.tensor(channelsLast(builder, averagePool(builder, part, volume.windows)));
  }),
  graphKernel<AvgPool3DGradInputs, AvgPool3DGradAttrs>(
    'AvgPool3DGrad',
    ({ inputs: { dy, input }, attrs, backend, builder }) => {
      const volume = pooledVolumeOf(input.shape, attrs);
      if (!volume || dy.dtype !== 'float32' || !fitsResult(dy.shape, volume.windows)) return undefined;
      const gradientOf = builder.differs('convTransposeIsFlat') ? meanGradient : averagePoolGradient;
      const gradient = gradientOf(builder, backend.value(dy), volume.windows);
      return backend.tensor(spreadToVolume(builder, gradient, volume));
    },
  ),
];

/** Undefined where ONNX Runtime refuses the windows. */
export function pooledVolumeOf(
  shape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: AvgPool3DGradAttrs,
): VolumeWindows | undefined {
  const info = backend_util.computePool3DInfo(shape as Shape5D, filterSize, strides, 1, pad, dimRoundingMode);
  const volume = volumeWindowsOf(info);
  return canPool(volume.windows) ? volume : undefined;
}
