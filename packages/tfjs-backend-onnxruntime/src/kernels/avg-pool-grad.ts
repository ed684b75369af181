import { type AvgPoolGradAttrs, type AvgPoolGradInputs, backend_util } from '@tensorflow/tfjs-core';
import { averagePoolGradient } from '../operators/pool.ts';
import { fitsResult, shape4D, windowsOf2D } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** The gradient of the mean of every window. */
export const avgPoolGrad = graphKernel<AvgPoolGradInputs, AvgPoolGradAttrs>(
  'AvgPoolGrad',
  ({ inputs: { dy, input }, attrs: { filterSize, strides, pad }, backend, builder }) => {
    const windows = windowsOf2D(backend_util.computePool2DInfo(shape4D(input.shape), filterSize, strides, 1, pad));
    // tfjs does not say here how avgPool rounded: the cpu kernel takes gradients of any shape.
    if (dy.dtype !== 'float32' || !fitsResult(dy.shape, windows)) return undefined;
    return backend.tensor(averagePoolGradient(builder, backend.value(dy), windows));
  },
);
