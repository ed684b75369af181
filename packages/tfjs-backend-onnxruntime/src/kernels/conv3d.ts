import type { Conv3DAttrs, Conv3DInputs } from '@tensorflow/tfjs-core';
import { convolve } from '../operators/convolution.ts';
import { convolvedVolumeOf, reached } from '../operators/volumes.ts';
import { graphKernel } from './kernel.ts';

/** Convolution of volumes with channels last. */
export const conv3d = graphKernel<Conv3DInputs, Conv3DAttrs>(
  'Conv3D',
  ({ inputs: { x, filter }, attrs, backend, builder }) => {
    if (x.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
    const volume = convolvedVolumeOf(x.shape, filter.shape, attrs);
    if (!volume) return undefined;
    const part = reached(builder, backend.value(x), volume);
    return backend.tensor(convolve(builder, part, backend.value(filter), volume.windows));
  },
);
