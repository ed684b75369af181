import type { AvgPool3DAttrs, AvgPool3DInputs } from '@tensorflow/tfjs-core';
import { averagePool } from '../operators/pool.ts';
import { pooledVolumeOf, reached } from '../operators/volumes.ts';
import { channelsFirst, channelsLast } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** The mean of every window of a volume with channels last. */
export const avgPool3d = graphKernel<AvgPool3DInputs, AvgPool3DAttrs>(
  'AvgPool3D',
  ({ inputs: { x }, attrs, backend, builder }) => {
    const volume = pooledVolumeOf(x.shape, attrs);
    if (!volume || x.dtype !== 'float32' || attrs.dataFormat !== 'NDHWC') return undefined;
    const part = channelsFirst(builder, reached(builder, backend.value(x), volume));
    return backend.tensor(channelsLast(builder, averagePool(builder, part, volume.windows)));
  },
);
