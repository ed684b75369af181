import type { Conv3DBackpropInputV2Attrs, Conv3DBackpropInputV2Inputs } from '@tensorflow/tfjs-core';
import { convolutionInputGradient, spacedInputGradient, unitStrideInputGradient } from '../operators/convolution.ts';
import { convolvedVolumeOf, spreadToVolume } from '../operators/volumes.ts';
import { fitsResult } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** Gradient of a convolution's volumes. */
export const conv3dBackpropInputV2 = graphKernel<Conv3DBackpropInputV2Inputs, Conv3DBackpropInputV2Attrs>(
  'Conv3DBackpropInputV2',
  ({ inputs: { dy, filter }, attrs, backend, builder }) => {
    if (dy.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
    const volume = convolvedVolumeOf(attrs.inputShape, filter.shape, attrs);
    // conv3dTranspose takes any shape as its result; the cpu kernel computes one that dy does not fit.
    if (!volume || !fitsResult(dy.shape, volume.windows)) return undefined;
    const of = [builder, backend.value(dy), backend.value(filter), volume.windows] as const;
    const otherGradient = builder.differs('convTransposeIsFlat') ? spacedInputGradient : convolutionInputGradient;
    const gradient = unitStrideInputGradient(...of) ?? otherGradient(...of);
    return gradient && backend.tensor(spreadToVolume(builder, gradient, volume));
  },
);
