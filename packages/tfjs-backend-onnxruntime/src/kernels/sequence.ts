import { shared } from '@tensorflow/tfjs-backend-cpu';
import type { LinSpaceAttrs, RangeAttrs } from '@tensorflow/tfjs-core';
import { type GraphKernel, graphKernel } from './kernel.ts';

/** LinSpace and Range: numbers that follow from the arguments alone, each the one before plus a step, rounded as tfjs does. */
export const sequenceKernels: readonly GraphKernel[] = [
  graphKernel<Record<string, never>, LinSpaceAttrs>('LinSpace', ({ attrs: { start, stop, num }, backend }) => {
    const elements = shared.linSpaceImpl(start, stop, num);
    return backend.tensor(backend.leaf(elements as Float32Array, [elements.length]));
  }),
  graphKernel<Record<string, never>, RangeAttrs>('Range', ({ attrs: { start, stop, step, dtype }, backend }) => {
    const elements = shared.rangeImpl(start, stop, step, dtype);
    return backend.tensor(backend.leaf(elements as Float32Array | Int32Array, [elements.length]), dtype);
  }),
];
