import { abs, add, exp, log1p, neg, onesLike, relu, sigmoid, square, sub, tanh } from '../operations.ts';
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

/** ln(1 + e^x) = max(0, x) + ln(1 + e^-|x|). The WebGL backend's own softplus loses NaN. */
export const softplusCurve: Curve = {
  forward: (x) => ({ value: add(relu(x), log1p(exp(neg(abs(x))))), reuse: [] }),
  slope: (x) => sigmoid(x),
};
