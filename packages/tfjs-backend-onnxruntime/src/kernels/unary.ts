import type { UnaryInputs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { limited, relu } from '../operators/activation.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

type Formula = (builder: GraphBuilder, x: Value) => Value;

const operator =
  (op: string): Formula =>
  (builder, x) =>
    builder.unary(op, x);

/** Kernels of one float32 input; other types are cast. */
const floatFormulas: Record<string, Formula> = {
  Acos: acos,
  Acosh: operator('Acosh'),
  Asin: asin,
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
  Relu: relu,
  Relu6: (builder, x) => limited(builder, x, builder.scalar(0, x.type), builder.scalar(6, x.type)),
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

/** asin x = 2 atan(x / (1 + sqrt(1 - x^2))) where the arc tangent has more digits. */
function asin(builder: GraphBuilder, x: Value): Value {
  if (!builder.differs('arcSineIsCoarse')) return builder.unary('Asin', x);
  const [one, two] = [builder.scalar(1, 'float32'), builder.scalar(2, 'float32')];
  const cosine = builder.unary('Sqrt', builder.binary('Sub', one, builder.binary('Mul', x, x)));
  const tangent = builder.binary('Div', x, builder.binary('Add', one, cosine));
  return builder.binary('Mul', two, builder.unary('Atan', tangent));
}

/** acos x = 2 atan(sqrt((1 - x) / (1 + x))), for the same reason. */
function acos(builder: GraphBuilder, x: Value): Value {
  if (!builder.differs('arcSineIsCoarse')) return builder.unary('Acos', x);
  const [one, two] = [builder.scalar(1, 'float32'), builder.scalar(2, 'float32')];
  const quotient = builder.binary('Div', builder.binary('Sub', one, x), builder.binary('Add', one, x));
  return builder.binary('Mul', two, builder.unary('Atan', builder.unary('Sqrt', quotient)));
}

/** e^x - 1 = 2 t / (1 - t) with t = tanh(x / 2) keeps the digits that the subtraction loses near 0. */
function expm1(builder: GraphBuilder, x: Value): Value {
  const one = builder.scalar(1, 'float32');
  const t = smallTanh(builder, builder.binary('Mul', x, builder.scalar(0.5, 'float32')));
  const near = builder.binary('Div', builder.binary('Add', t, t), builder.binary('Sub', one, t));
  return builder.where(isWithin(builder, x, 1), near, builder.binary('Sub', builder.unary('Exp', x), one));
}

/** log(1 + x) = 2 atanh(x / (2 + x)), for the same reason. */
function log1p(builder: GraphBuilder, x: Value): Value {
  const quotient = builder.binary('Div', x, builder.binary('Add', x, builder.scalar(2, 'float32')));
  const near = builder.binary('Mul', smallAtanh(builder, quotient), builder.scalar(2, 'float32'));
  const far = builder.unary('Log', builder.binary('Add', x, builder.scalar(1, 'float32')));
  return builder.where(isWithin(builder, x, 0.5), near, far);
}

/** Tanh of numbers up to 1/2; x / (1 + x^2 / (3 + x^2 / (5 + ...))) keeps the digits of small ones. */
function smallTanh(builder: GraphBuilder, x: Value): Value {
  return builder.differs('tanhIsCoarse')
    ? continuedFraction(builder, x, [1, 3, 5, 7, 9], [1, 1, 1, 1])
    : builder.unary('Tanh', x);
}

/** Atanh of numbers up to 1/3, for the same reason: x / (1 - x^2 / (3 - 4 x^2 / (5 - 9 x^2 / (7 - ...)))). */
function smallAtanh(builder: GraphBuilder, x: Value): Value {
  return builder.differs('tanhIsCoarse')
    ? continuedFraction(builder, x, [1, 3, 5, 7, 9, 11], [-1, -4, -9, -16, -25])
    : builder.unary('Atanh', x);
}

/** x / (d0 + n0 x^2 / (d1 + n1 x^2 / (d2 + ...))) */
function continuedFraction(
  builder: GraphBuilder,
  x: Value,
  denominators: readonly number[],
  numerators: readonly number[],
): Value {
  const square = builder.binary('Mul', x, x);
  let result = builder.scalar(denominators.at(-1)!, 'float32');
  for (let level = numerators.length - 1; level >= 0; level--) {
    const numerator = builder.binary('Mul', square, builder.scalar(numerators[level]!, 'float32'));
    const quotient = builder.binary('Div', numerator, result);
    result = builder.binary('Add', builder.scalar(denominators[level]!, 'float32'), quotient);
  }
  return builder.binary('Div', x, result);
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
