import type { UnaryInputs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

type Formula = (builder: GraphBuilder, x: Value) => Value;

const operator =
  (op: string): Formula =>
  (builder, x) =>
    builder.unary(op, x);

/** Kernels of one float32 input; other types are cast. */
const floatFormulas: Record<string, Formula> = {
  Acos: operator('Acos'),
  Acosh: operator('Acosh'),
  Asin: operator('Asin'),
  Asinh: operator('Asinh'),
  Atan: operator('Atan'),
  Atanh: operator('Atanh'),
  Cos: operator('Cos'),
  Cosh: operator('Cosh'),
  Elu: operator('Elu'),
  Erf: operator('Erf'),
  Exp: operator('Exp'),
  Expm1: expm1,
  Log: operator('Log'),
  Log1p: log1p,
  Reciprocal: operator('Reciprocal'),
  Rsqrt: (builder, x) => builder.unary('Reciprocal', builder.unary('Sqrt', x)),
  Selu: operator('Selu'),
  Sigmoid: operator('Sigmoid'),
  Sin: operator('Sin'),
  Sinh: operator('Sinh'),
  Softplus: operator('Softplus'),
  Sqrt: operator('Sqrt'),
  Tan: operator('Tan'),
  Tanh: operator('Tanh'),
};

/** Kernels that keep float32 and int32. */
const numericFormulas: Record<string, Formula> = {
  Abs: operator('Abs'),
  Neg: operator('Neg'),
  Relu: operator('Relu'),
  Relu6: (builder, x) => builder.operator('Clip', [x, builder.scalar(0, x.type), builder.scalar(6, x.type)], x),
  Sign: sign,
  Square: (builder, x) => builder.binary('Mul', x, x),
};

/** Kernels that change nothing about a whole number. */
const roundingOperators = ['Ceil', 'Floor', 'Round'];

export const unaryKernels: readonly GraphKernel[] = [
  ...Object.entries(floatFormulas).map(([name, formula]) =>
    graphKernel<UnaryInputs>(name, ({ inputs: { x }, backend, builder }) =>
      backend.tensor(formula(builder, builder.cast(backend.value(x), 'float32'))),
    ),
  ),
  ...Object.entries(numericFormulas).map(([name, formula]) =>
    graphKernel<UnaryInputs>(name, ({ inputs: { x }, backend, builder }) =>
      x.dtype === 'bool' ? undefined : backend.tensor(formula(builder, backend.value(x))),
    ),
  ),
  ...roundingOperators.map((name) =>
    graphKernel<UnaryInputs>(name, ({ inputs: { x }, backend, builder }) =>
      x.dtype === 'float32' ? backend.tensor(builder.unary(name, backend.value(x))) : backend.alias(x),
    ),
  ),
];

/** e^x - 1 = 2 t / (1 - t) with t = tanh(x / 2) keeps the digits that the subtraction loses near 0. */
function expm1(builder: GraphBuilder, x: Value): Value {
  const one = builder.scalar(1, 'float32');
  const t = builder.unary('Tanh', builder.binary('Mul', x, builder.scalar(0.5, 'float32')));
  const near = builder.binary('Div', builder.binary('Add', t, t), builder.binary('Sub', one, t));
  return builder.where(isWithin(builder, x, 1), near, builder.binary('Sub', builder.unary('Exp', x), one));
}

/** log(1 + x) = 2 atanh(x / (2 + x)), for the same reason. */
function log1p(builder: GraphBuilder, x: Value): Value {
  const quotient = builder.binary('Div', x, builder.binary('Add', x, builder.scalar(2, 'float32')));
  const near = builder.binary('Mul', builder.unary('Atanh', quotient), builder.scalar(2, 'float32'));
  const far = builder.unary('Log', builder.binary('Add', x, builder.scalar(1, 'float32')));
  return builder.where(isWithin(builder, x, 0.5), near, far);
}

/** ONNX's Sign keeps NaN; tfjs gives 0. */
function sign(builder: GraphBuilder, x: Value): Value {
  const zero = builder.scalar(0, x.type);
  const above = builder.cast(builder.binary('Greater', x, zero, 'bool'), x.type);
  return builder.binary('Sub', above, builder.cast(builder.binary('Less', x, zero, 'bool'), x.type));
}

function isWithin(builder: GraphBuilder, x: Value, limit: number): Value {
  return builder.binary('Less', builder.unary('Abs', x), builder.scalar(limit, 'float32'), 'bool');
}
