import type { MaxPool3DAttrs, MaxPool3DInputs } from '@tensorflow/tfjs-core';
import { maxPool, maxPoolWithPositions } from '../operators/pool.ts';
import { pooledVolumeOf, reached } from '../operators/volumes.ts';
import { channelsFirst, channelsLast } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** The largest element of every window of a volume with channels last. */
export const maxPool3d = graphKernel<MaxPool3DInputs, MaxPool3DAttrs>(
  'MaxPool3D',
  ({ inputs: { x }, attrs, backend, builder }) => {
    const volume = pooledVolumeOf(x.shape, attrs);
    if (!volume || x.dtype !== 'float32' || attrs.dataFormat !== 'NDHWC') return undefined;
    const part = channelsFirst(builder, reached(builder, backend.value(x), volume));
    const pooled = builder.differs('maxPoolKeepsNaN')
      ? maxPoolWithPositions(builder, part, volume.windows)[0]
      : maxPool(builder, part, volume.windows);
    return backend.tensor(channelsLast(builder, pooled));
  },
);
