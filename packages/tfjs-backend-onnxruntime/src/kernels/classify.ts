import type { UnaryInputs } from '@tensorflow/tfjs-core';
import { type GraphKernel, graphKernel } from './kernel.ts';

/** IsNan, IsInf and IsFinite: float32 to bool. */
export const classifyKernels: readonly GraphKernel[] = [
  graphKernel<UnaryInputs>('IsNan', ({ inputs: { x }, backend, builder }) => {
    const value = builder.cast(backend.value(x), 'float32');
    return backend.tensor(builder.isNaN(value));
  }),
  graphKernel<UnaryInputs>('IsInf', ({ inputs: { x }, backend, builder }) => {
    const value = builder.cast(backend.value(x), 'float32');
    return backend.tensor(builder.operator('IsInf', [value], { type: 'bool', shape: x.shape }));
  }),
  graphKernel<UnaryInputs>('IsFinite', ({ inputs: { x }, backend, builder }) => {
    const value = builder.cast(backend.value(x), 'float32');
    // x - x is 0 for every finite x, and NaN for infinities and NaN.
    const zero = builder.binary('Sub', value, value);
    return backend.tensor(builder.binary('Equal', zero, builder.scalar(0, 'float32'), 'bool'));
  }),
];
