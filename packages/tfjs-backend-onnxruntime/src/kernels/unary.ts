import type { UnaryInputs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { limited, relu } from '../operators/activation.ts';
import { expm1, log1p } from '../operators/log1p.ts';
import { logOfSigmoid, sigmoid, softplus } from '../operators/sigmoid.ts';
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
  Log: (builder, x) => logOfSigmoid(builder, x) ?? builder.unary('Log', x),
  Log1p: log1p,
  Reciprocal: operator('Reciprocal'),
  Rsqrt: (builder, x) => builder.unary('Reciprocal', builder.unary('Sqrt', x)),
  Selu: operator('Selu'),
  Sigmoid: sigmoid,
  Sin: operator('Sin'),
  Sinh: operator('Sinh'),
  Softplus: softplus,
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
    graphKernel<UnaryInputs, { accuracy?: string } | undefined>(name, ({ inputs: { x }, attrs, backend, builder }) => {
      const value = builder.cast(backend.value(x), 'float32');
      return backend.tensor(attrs?.accuracy === 'absolute' ? builder.unary(name, value) : formula(builder, value));
    }),
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

/** ONNX's Sign keeps NaN; tfjs gives 0. */
function sign(builder: GraphBuilder, x: Value): Value {
  const zero = builder.scalar(0, x.type);
  const above = builder.cast(builder.binary('Greater', x, zero, 'bool'), x.type);
  return builder.binary('Sub', above, builder.cast(builder.binary('Less', x, zero, 'bool'), x.type));
}
