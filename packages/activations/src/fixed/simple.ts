import { cos, mul, onesLike, sigmoid, sin, softplus, square, sub, tanh } from '@tensorflow/tfjs-core';
import type { Curve } from './curve.ts';

export const identityCurve: Curve = {
  forward: (x) => ({ value: x, reuse: [] }),
  slope: (x) => onesLike(x),
};

export const sigmoidCurve: Curve = {
  forward: (x) => ({ value: sigmoid(x), reuse: [] }),
  slope: (_, { value }) => sub(value, square(value)),
};

export const tanhCurve: Curve = {
  forward: (x) => ({ value: tanh(x), reuse: [] }),
  slope: (_, { value }) => sub(1, square(value)),
};

/** ln(1 + e^x) */
export const softplusCurve: Curve = {
  forward: (x) => ({ value: softplus(x), reuse: [] }),
  slope: (x) => sigmoid(x),
};

/** Growing cosine unit, x cos x (arXiv 2108.12943) */
export const gcuCurve: Curve = {
  forward: (x) => {
    const cosine = cos(x);
    return { value: mul(x, cosine), reuse: [cosine] };
  },
  slope: (x, { reuse: [cosine] }) => sub(cosine!, mul(x, sin(x))),
};
