import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

/**
 * The angle of the point (x, y) in (-pi, pi], from the arc tangent of the smaller coordinate over the larger one, so that nothing
 * overflows. Zeros and infinities of either sign are directions, too.
 */
export function atan2(builder: GraphBuilder, y: Value, x: Value): Value {
  const constant = (value: number) => builder.scalar(value, 'float32');
  const [height, width] = [builder.unary('Abs', y), builder.unary('Abs', x)];
  const isSteep = builder.binary('Greater', height, width, 'bool');
  const quotient = builder.binary(
    'Div',
    builder.where(isSteep, width, height),
    builder.where(isSteep, height, width),
    'float32',
  );
  // 0 / 0 and infinity / infinity: the diagonal, or the direction of x.
  const isDiagonal = builder.binary('Equal', height, width, 'bool');
  const diagonal = builder.cast(builder.binary('Greater', height, constant(0), 'bool'), 'float32');
  const flat = builder.unary('Atan', builder.where(isDiagonal, diagonal, quotient));
  const acute = builder.where(isSteep, builder.binary('Sub', constant(Math.PI / 2), flat), flat);
  const upper = builder.where(isNegative(builder, x), builder.binary('Sub', constant(Math.PI), acute), acute);
  return builder.where(isNegative(builder, y), builder.unary('Neg', upper), upper);
}

/** Whether the sign is minus, also that of zero. */
function isNegative(builder: GraphBuilder, x: Value): Value {
  const zero = builder.scalar(0, 'float32');
  const isBelow = builder.binary('Less', x, zero, 'bool');
  return builder.binary('Or', isBelow, builder.binary('Less', builder.unary('Reciprocal', x), zero, 'bool'));
}
