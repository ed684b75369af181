import type { LRNAttrs, LRNGradAttrs, LRNGradInputs, LRNInputs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { type GraphKernel, graphKernel } from './kernel.ts';

/**
 * x (bias + alpha s)^-beta, where s sums the squares of the channels at most depthRadius away; [batch, height, width, channels].
 * ONNX's LRN divides alpha by the number of channels summed; ONNX Runtime's also keeps a running sum, where one infinity
 * makes NaN of every channel that follows.
 */
export const localResponseNormalizationKernels: readonly GraphKernel[] = [
  graphKernel<LRNInputs, LRNAttrs>('LRN', ({ inputs: { x }, attrs, backend, builder }) => {
    if (x.dtype !== 'float32' || attrs.depthRadius < 0) return undefined;
    const value = backend.value(x);
    return backend.tensor(
      builder.binary('Mul', value, power(builder, denominator(builder, value, attrs), -attrs.beta)),
    );
  }),
  // dy d^-beta - 2 alpha beta x s(dy y / d), with d = bias + alpha s(x x) and sums s over the same channels.
  graphKernel<LRNGradInputs, LRNGradAttrs>('LRNGrad', ({ inputs: { x, y, dy }, attrs, backend, builder }) => {
    if ([x, y, dy].some(({ dtype }) => dtype !== 'float32') || attrs.depthRadius < 0) return undefined;
    const [input, output, gradient] = [backend.value(x), backend.value(y), backend.value(dy)];
    const base = denominator(builder, input, attrs);
    const direct = builder.binary('Mul', gradient, power(builder, base, -attrs.beta));
    const shares = builder.binary('Div', builder.binary('Mul', gradient, output), base);
    const sums = sumOfNeighbours(builder, shares, attrs.depthRadius);
    const factor = builder.scalar(2 * attrs.alpha * attrs.beta, 'float32');
    return backend.tensor(
      builder.binary('Sub', direct, builder.binary('Mul', builder.binary('Mul', input, factor), sums)),
    );
  }),
];

function denominator(builder: GraphBuilder, x: Value, { depthRadius, bias, alpha }: LRNAttrs): Value {
  const sums = sumOfNeighbours(builder, builder.binary('Mul', x, x), depthRadius);
  return builder.binary(
    'Add',
    builder.binary('Mul', sums, builder.scalar(alpha, 'float32')),
    builder.scalar(bias, 'float32'),
  );
}

function power(builder: GraphBuilder, x: Value, exponent: number): Value {
  return builder.binary('Pow', x, builder.scalar(exponent, 'float32'));
}

/** Sums over the channels at most `radius` away: means of windows that count their padding, times the window. */
function sumOfNeighbours(builder: GraphBuilder, x: Value, radius: number): Value {
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
