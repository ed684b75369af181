import type { MaxPoolAttrs, MaxPoolInputs } from '@tensorflow/tfjs-core';
import { maxPool, maxPoolWithPositions, poolWindowsOf } from '../operators/pool.ts';
import { channelsFirst, channelsLast } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** The largest element of every window. */
export const maxPoolKernel = graphKernel<MaxPoolInputs, MaxPoolAttrs>(
  'MaxPool',
  ({ inputs: { x }, attrs, backend, builder }) => {
    const windows = poolWindowsOf(x.shape, attrs);
    if (!windows || x.dtype !== 'float32') return undefined;
    const images = channelsFirst(builder, backend.value(x));
    // With positions it is the operator that the gradient has, too.
    const pooled = builder.differs('maxPoolHasNoPositions')
      ? maxPool(builder, images, windows)
      : maxPoolWithPositions(builder, images, windows)[0];
    return backend.tensor(channelsLast(builder, pooled));
  },
);
