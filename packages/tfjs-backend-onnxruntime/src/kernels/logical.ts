import type { BinaryInputs, UnaryInputs } from '@tensorflow/tfjs-core';
import { type GraphKernel, graphKernel } from './kernel.ts';

/** LogicalAnd, LogicalOr and LogicalNot on bool. */
export const logicalKernels: readonly GraphKernel[] = [
  ...(['And', 'Or'] as const).map((op) =>
    graphKernel<BinaryInputs>(`Logical${op}`, ({ inputs: { a, b }, backend, builder }) =>
      backend.tensor(
        builder.binary(op, builder.cast(backend.value(a), 'bool'), builder.cast(backend.value(b), 'bool')),
      ),
    ),
  ),
  graphKernel<UnaryInputs>('LogicalNot', ({ inputs: { x }, backend, builder }) =>
    backend.tensor(builder.unary('Not', builder.cast(backend.value(x), 'bool'))),
  ),
];
