import type { LRNGradAttrs, LRNGradInputs } from '@tensorflow/tfjs-core';
import { denominator, power, sumOfNeighbors } from '../operators/neighbors.ts';
import { graphKernel } from './kernel.ts';

/** dy d^-beta - 2 alpha beta x s(dy y / d), with d = bias + alpha s(x x) and sums s over the same channels. */
export const lrnGrad = graphKernel<LRNGradInputs, LRNGradAttrs>(
  'LRNGrad',
  ({ inputs: { x, y, dy }, attrs, backend, builder }) => {
    if ([x, y, dy].some(({ dtype }) => dtype !== 'float32') || attrs.depthRadius < 0) return undefined;
    const [input, output, gradient] = [backend.value(x), backend.value(y), backend.value(dy)];
    const base = denominator(builder, input, attrs);
    const direct = builder.binary('Mul', gradient, power(builder, base, -attrs.beta));
    const shares = builder.binary('Div', builder.binary('Mul', gradient, output), base);
    const sums = sumOfNeighbors(builder, shares, attrs.depthRadius);
    const factor = builder.scalar(2 * attrs.alpha * attrs.beta, 'float32');
    return backend.tensor(
      builder.binary('Sub', direct, builder.binary('Mul', builder.binary('Mul', input, factor), sums)),
    );
  },
);
