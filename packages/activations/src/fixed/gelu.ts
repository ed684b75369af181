import { add, erf, exp, mul, sigmoid, square, sub } from '@tensorflow/tfjs-core';
import type { Curve } from './curve.ts';

/** x P(N(0, 1) <= x) (arXiv 1606.08415) */
export const geluCurve: Curve = {
  forward: (x) => {
    const scaled = mul(x, Math.SQRT1_2);
    const probability = add(mul(erf(scaled), 0.5), 0.5);
    return { value: mul(x, probability), reuse: [scaled, probability] };
  },
  // With u = x / sqrt 2: the density times x is u e^(-u^2) / sqrt pi; the constant goes into the exponent.
  slope: (_, { reuse: [scaled, probability] }) =>
    add(probability!, mul(scaled!, exp(sub(-0.5 * Math.log(Math.PI), square(scaled!))))),
};

const SCALE = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715 * SCALE;

/** x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2, written with the sigmoid (arXiv 1606.08415) */
export const geluTanhCurve: Curve = {
  forward: (x) => {
    const squared = square(x);
    const gate = sigmoid(mul(x, add(mul(squared, CUBIC), SCALE)));
    return { value: mul(x, gate), reuse: [squared, gate] };
  },
  slope: (_, { value, reuse: [squared, gate] }) =>
    add(gate!, mul(mul(value, sub(1, gate!)), add(mul(squared!, 3 * CUBIC), SCALE))),
};
