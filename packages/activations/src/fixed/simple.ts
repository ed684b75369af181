import { onesLike, sigmoid, softplus, square, sub, tanh } from '@tensorflow/tfjs-core';
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
