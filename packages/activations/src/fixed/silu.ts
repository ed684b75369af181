import { add, mul, sigmoid, sub } from '@tensorflow/tfjs-core';
import type { Curve } from './curve.ts';

/** x sigmoid(x), also called Swish (arXiv 1702.03118) */
export const siluCurve: Curve = {
  forward: (x) => {
    const gate = sigmoid(x);
    return { value: mul(x, gate), reuse: [gate] };
  },
  slope: (_, { value, reuse: [gate] }) => add(gate!, mul(value, sub(1, gate!))),
};
