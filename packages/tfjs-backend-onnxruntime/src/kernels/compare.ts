import type { BinaryInputs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

type Formula = (builder: GraphBuilder, a: Value, b: Value) => Value;

const operator =
  (op: string): Formula =>
  (builder, a, b) =>
    builder.binary(op, a, b, 'bool');

const formulas: Record<string, Formula> = {
  Equal: operator('Equal'),
  Greater: operator('Greater'),
  GreaterEqual: operator('GreaterOrEqual'),
  Less: operator('Less'),
  LessEqual: operator('LessOrEqual'),
  NotEqual: (builder, a, b) => builder.unary('Not', builder.binary('Equal', a, b, 'bool')),
};

/** Two tensors of one type to bool. */
export const compareKernels: readonly GraphKernel[] = Object.entries(formulas).map(([name, formula]) =>
  graphKernel<BinaryInputs>(name, ({ inputs: { a, b }, backend, builder }) => {
    if (a.dtype !== b.dtype) return undefined;
    const [left, right] = [backend.value(a), backend.value(b)];
    const type = left.type === 'bool' ? 'int32' : left.type;
    return backend.tensor(formula(builder, builder.cast(left, type), builder.cast(right, type)));
  }),
);
