import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { sigmoid } from './sigmoid.ts';

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
      return relu(builder, x);
    case 'relu6':
      return limited(builder, x, builder.scalar(0, 'float32'), builder.scalar(6, 'float32'));
    case 'elu':
      return builder.unary('Elu', x);
    case 'sigmoid':
      return sigmoid(builder, x);
    case 'leakyrelu':
      return builder.unary('LeakyRelu', x, { alpha: { float: leakyReluAlpha } });
    case 'prelu':
      return slope && prelu(builder, x, slope);
    default:
      return undefined;
  }
}

/** x where it is above 0; NaN stays NaN. */
export function relu(builder: GraphBuilder, x: Value): Value {
  return builder.differs('reluLosesNaN')
    ? builder.binary('Max', x, builder.scalar(0, x.type))
    : builder.unary('Relu', x);
}

/** x between two limits; NaN stays NaN. */
export function limited(builder: GraphBuilder, x: Value, low: Value, high: Value): Value {
  if (!builder.differs('clipLosesNaN')) return builder.operator('Clip', [x, low, high], x);
  return builder.binary('Min', builder.binary('Max', x, low), high);
}

/** x where it is not negative, slope x elsewhere; the slope broadcasts, and does not matter where x is not negative. */
export function prelu(builder: GraphBuilder, x: Value, slope: Value): Value {
  const zero = builder.scalar(0, 'float32');
  return builder.where(builder.binary('Less', x, zero, 'bool'), builder.binary('Mul', x, slope), x);
}
