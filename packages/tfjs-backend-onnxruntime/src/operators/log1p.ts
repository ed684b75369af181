import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

/** e^x - 1 = 2 t / (1 - t) with t = tanh(x / 2) keeps the digits that the subtraction loses near 0. */
export function expm1(builder: GraphBuilder, x: Value): Value {
  const one = builder.scalar(1, 'float32');
  const t = smallTanh(builder, builder.binary('Mul', x, builder.scalar(0.5, 'float32')));
  const near = builder.binary('Div', builder.binary('Add', t, t), builder.binary('Sub', one, t));
  return builder.where(isWithin(builder, x, 1), near, builder.binary('Sub', builder.unary('Exp', x), one));
}

/** log(1 + x) = 2 atanh(x / (2 + x)), for the same reason. */
export function log1p(builder: GraphBuilder, x: Value): Value {
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

/** Whether |x| is below a limit. */
function isWithin(builder: GraphBuilder, x: Value, limit: number): Value {
  return builder.binary('Less', builder.unary('Abs', x), builder.scalar(limit, 'float32'), 'bool');
}
