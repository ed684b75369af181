import type { ComplexAbsInputs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { isComplex, parts } from '../operators/complex.ts';
import { graphKernel } from './kernel.ts';

/** The magnitude of complex numbers. */
export const complexAbs = graphKernel<ComplexAbsInputs>(
  'ComplexAbs',
  ({ inputs: { x }, backend, builder }) => backend.tensor(magnitude(builder, ...parts(backend, x))),
  isComplex,
);

/** The larger part times sqrt(1 + q^2), where q is the smaller over the larger one: squares of the parts would overflow. */
function magnitude(builder: GraphBuilder, real: Value, imaginary: Value): Value {
  const [a, b] = [builder.unary('Abs', real), builder.unary('Abs', imaginary)];
  const one = builder.scalar(1, 'float32');
  const isLess = builder.binary('Less', a, b, 'bool');
  const larger = builder.where(isLess, b, a);
  const quotient = builder.binary('Div', builder.where(isLess, a, b), larger);
  // 0 / 0 and infinity / infinity.
  const ratio = builder.where(builder.binary('Equal', a, b, 'bool'), one, quotient);
  const length = builder.unary('Sqrt', builder.binary('Add', one, builder.binary('Mul', ratio, ratio)));
  // As for JavaScript, an infinite part makes the other one irrelevant, also if that is not a number.
  const infinity = builder.scalar(Number.POSITIVE_INFINITY, 'float32');
  const isInfinite = (part: Value) => builder.binary('Equal', part, infinity, 'bool');
  return builder.where(
    builder.binary('Or', isInfinite(a), isInfinite(b)),
    infinity,
    builder.binary('Mul', larger, length),
  );
}
