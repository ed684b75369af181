import type { Conv3DBackpropFilterV2Attrs, Conv3DBackpropFilterV2Inputs } from '@tensorflow/tfjs-core';
import { convolutionFilterGradient } from '../operators/convolution.ts';
import { convolvedVolumeOf, reached } from '../operators/volumes.ts';
import { fitsResult } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** Gradient of a convolution's filter for volumes. */
export const conv3dBackpropFilterV2 = graphKernel<Conv3DBackpropFilterV2Inputs, Conv3DBackpropFilterV2Attrs>(
  'Conv3DBackpropFilterV2',
  ({ inputs: { x, dy }, attrs, backend, builder }) => {
    if (x.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
    const volume = convolvedVolumeOf(x.shape, attrs.filterShape, attrs);
    if (!volume || !fitsResult(dy.shape, volume.windows)) return undefined;
    const part = reached(builder, backend.value(x), volume);
    return backend.tensor(convolutionFilterGradient(builder, part, backend.value(dy), volume.windows));
  },
);
