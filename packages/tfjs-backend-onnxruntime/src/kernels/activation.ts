import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

/** The activations that tfjs fuses into products and convolutions; undefined for an unknown one. */
export function activate(
  builder: GraphBuilder,
  activation: string | null | undefined,
  x: Value,
  slope: Value | undefined,
  leakyReluAlpha = 0.2,
): Value | undefined {
  switch (activation ?? 'linear') {
    case 'linear':
      return x;
    case 'relu':
      return builder.unary('Relu', x);
    case 'relu6':
      return builder.operator('Clip', [x, builder.scalar(0, 'float32'), builder.scalar(6, 'float32')], x);
    case 'elu':
      return builder.unary('Elu', x);
    case 'sigmoid':
      return builder.unary('Sigmoid', x);
    case 'leakyrelu':
      return builder.unary('LeakyRelu', x, { alpha: { float: leakyReluAlpha } });
    case 'prelu':
      return slope && prelu(builder, x, slope);
    default:
      return undefined;
  }
}

/** x where it is not negative, slope x elsewhere; the slope broadcasts, and does not matter where x is not negative. */
export function prelu(builder: GraphBuilder, x: Value, slope: Value): Value {
  const zero = builder.scalar(0, 'float32');
  return builder.where(builder.binary('Less', x, zero, 'bool'), builder.binary('Mul', x, slope), x);
}
