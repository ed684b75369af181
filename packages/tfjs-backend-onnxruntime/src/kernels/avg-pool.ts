import type { AvgPoolAttrs, AvgPoolInputs } from '@tensorflow/tfjs-core';
import { averagePool, poolWindowsOf } from '../operators/pool.ts';
import { channelsFirst, channelsLast } from '../operators/windows.ts';
import { graphKernel } from './kernel.ts';

/** The mean of every window. */
export const avgPool = graphKernel<AvgPoolInputs, AvgPoolAttrs>(
  'AvgPool',
  ({ inputs: { x }, attrs, backend, builder }) => {
    const windows = poolWindowsOf(x.shape, attrs);
    if (!windows || x.dtype !== 'float32') return undefined;
    const means = averagePool(builder, channelsFirst(builder, backend.value(x)), windows);
    return backend.tensor(channelsLast(builder, means));
  },
);
