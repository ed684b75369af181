import type {
  EluGradInputs,
  LeakyReluAttrs,
  LeakyReluInputs,
  PreluInputs,
  StepAttrs,
  StepInputs,
} from '@tensorflow/tfjs-core';
import { prelu } from './activation.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

/** Piecewise activations that take a slope, and the gradient of ELU. */
export const rectifierKernels: readonly GraphKernel[] = [
  graphKernel<LeakyReluInputs, LeakyReluAttrs>('LeakyRelu', ({ inputs: { x }, attrs: { alpha }, backend, builder }) =>
    x.dtype === 'float32'
      ? backend.tensor(builder.unary('LeakyRelu', backend.value(x), { alpha: { float: alpha } }))
      : undefined,
  ),
  graphKernel<PreluInputs>('Prelu', ({ inputs: { x, alpha }, backend, builder }) =>
    backend.tensor(
      prelu(builder, builder.cast(backend.value(x), 'float32'), builder.cast(backend.value(alpha), 'float32')),
    ),
  ),
  graphKernel<StepInputs, StepAttrs>('Step', ({ inputs: { x }, attrs: { alpha }, backend, builder }) => {
    if (x.dtype !== 'float32') return undefined;
    const value = backend.value(x);
    const positive = builder.binary('Greater', value, builder.scalar(0, 'float32'), 'bool');
    const step = builder.where(positive, builder.scalar(1, 'float32'), builder.scalar(alpha, 'float32'));
    const undefinedNumber = builder.operator('IsNaN', [value], { type: 'bool', shape: x.shape });
    return backend.tensor(builder.where(undefinedNumber, value, step));
  }),
  // dy where y >= 0, dy (y + 1) elsewhere: y is 0 there after min(y, 0).
  graphKernel<EluGradInputs>('EluGrad', ({ inputs: { dy, y }, backend, builder }) => {
    const zero = builder.scalar(0, 'float32');
    const slope = builder.binary('Add', builder.binary('Min', backend.value(y), zero), builder.scalar(1, 'float32'));
    return backend.tensor(builder.binary('Mul', backend.value(dy), slope));
  }),
];
