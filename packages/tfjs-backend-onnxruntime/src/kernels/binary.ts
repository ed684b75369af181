import type { BinaryInputs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { atan2 } from '../operators/atan2.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

type Formula = (builder: GraphBuilder, a: Value, b: Value) => Value;

const operator =
  (op: string): Formula =>
  (builder, a, b) =>
    builder.binary(op, a, b);

/** Arithmetic that ONNX does on float32 and int32 alike. */
const numericFormulas: Record<string, Formula> = {
  Add: operator('Add'),
  Maximum: operator('Max'),
  Minimum: operator('Min'),
  Multiply: operator('Mul'),
  Pow: pow,
  SquaredDifference: (builder, a, b) => {
    const difference = builder.binary('Sub', a, b);
    return builder.binary('Mul', difference, difference);
  },
};

/** Arithmetic on float32 only: whole numbers divided by zero would end the process. */
const floatFormulas: Record<string, Formula> = {
  Atan2: atan2,
  // tfjs declares the result of floorDiv as int32, also for floats.
  FloorDiv: (builder, a, b) => builder.truncate(builder.unary('Floor', builder.binary('Div', a, b))),
  Mod: floorMod,
  RealDiv: operator('Div'),
};

export const binaryKernels: readonly GraphKernel[] = [
  ...Object.entries(numericFormulas).map(([name, formula]) => binaryKernel(name, ['float32', 'int32'], formula)),
  binaryKernel('BitwiseAnd', ['int32'], operator('BitwiseAnd')),
  ...Object.entries(floatFormulas).map(([name, formula]) => binaryKernel(name, ['float32'], formula)),
];

function binaryKernel(name: string, types: readonly string[], formula: Formula): GraphKernel {
  return graphKernel<BinaryInputs>(name, ({ inputs: { a, b }, backend, builder }) => {
    if (a.dtype !== b.dtype || !types.includes(a.dtype)) return undefined;
    return backend.tensor(formula(builder, backend.value(a), backend.value(b)));
  });
}

/** Powers of whole numbers overflow as int64, whose low half is what JavaScript keeps; 0 to a negative power is 0. */
function pow(builder: GraphBuilder, a: Value, b: Value): Value {
  if (a.type === 'float32') return builder.binary('Pow', a, b);
  return builder.cast(builder.binary('Pow', builder.cast(a, 'int64'), builder.cast(b, 'int64')), 'int32');
}

/** The remainder with the sign of the divisor. */
function floorMod(builder: GraphBuilder, a: Value, b: Value): Value {
  const zero = builder.scalar(0, 'float32');
  const remainder = (x: Value): Value => builder.operator('Mod', [x, b], builder.binary('Add', x, b), { fmod: 1 });
  const truncated = remainder(a);
  const negativeA = builder.binary('Less', a, zero, 'bool');
  const negativeB = builder.binary('Less', b, zero, 'bool');
  const differ = builder.binary('Xor', negativeA, negativeB);
  return builder.where(differ, remainder(builder.binary('Add', truncated, b)), truncated);
}
