import type { LRNAttrs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';

/** bias + alpha s, with sums s of the squares of neighbors. */
export function denominator(builder: GraphBuilder, x: Value, { depthRadius, bias, alpha }: LRNAttrs): Value {
  const sums = sumOfNeighbors(builder, builder.binary('Mul', x, x), depthRadius);
  return builder.binary(
    'Add',
    builder.binary('Mul', sums, builder.scalar(alpha, 'float32')),
    builder.scalar(bias, 'float32'),
  );
}

/** Every element to one power. */
export function power(builder: GraphBuilder, x: Value, exponent: number): Value {
  return builder.binary('Pow', x, builder.scalar(exponent, 'float32'));
}

/** Sums over the channels at most `radius` away: means of windows that count their padding, times the window. */
export function sumOfNeighbors(builder: GraphBuilder, x: Value, radius: number): Value {
  const channels = x.shape.at(-1)!;
  const reach = Math.min(radius, channels - 1);
  if (reach === 0) return x;
  const window = 2 * reach + 1;
  const rows = builder.reshape(x, [1, x.size / channels, channels]);
  const means = builder.unary('AveragePool', rows, {
    kernel_shape: [window],
    pads: [reach, reach],
    count_include_pad: 1,
  });
  return builder.reshape(builder.binary('Mul', means, builder.scalar(window, 'float32')), x.shape);
}
