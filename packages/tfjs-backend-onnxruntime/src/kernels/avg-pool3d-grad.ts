import type { AvgPool3DGradAttrs, AvgPool3DGradInputs } from '@tensorflow/tfjs-core';
import { averagePoolGradient } from '../operators/pool.ts';
import { pooledVolumeOf, spreadToVolume } from '../operators/volumes.ts';
import { meanGradient } from '../operators/window-elements.ts';
import { fitsResult } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** The gradient of the mean of every window of a volume. */
export const avgPool3dGrad = graphKernel<AvgPool3DGradInputs, AvgPool3DGradAttrs>(
  'AvgPool3DGrad',
  ({ inputs: { dy, input }, attrs, backend, builder }) => {
    const volume = pooledVolumeOf(input.shape, attrs);
    if (!volume || dy.dtype !== 'float32' || !fitsResult(dy.shape, volume.windows)) return undefined;
    const gradientOf = builder.differs('convTransposeIsFlat') ? meanGradient : averagePoolGradient;
    const gradient = gradientOf(builder, backend.value(dy), volume.windows);
    return backend.tensor(spreadToVolume(builder, gradient, volume));
  },
);
