import { add, mul, sigmoid, softplus, square, sub, tanh } from '@tensorflow/tfjs-core';
import type { Curve } from './curve.ts';

/** x tanh(softplus(x)) (arXiv 1908.08681) */
export const mishCurve: Curve = {
  forward: (x) => {
    const gate = tanh(softplus(x));
    return { value: mul(x, gate), reuse: [gate] };
  },
  slope: (x, { reuse: [gate] }) => add(gate!, mul(mul(x, sigmoid(x)), sub(1, square(gate!)))),
};
