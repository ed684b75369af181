import {
  add,
  div,
  erf,
  exp,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  sigmoid,
  softplus,
  square,
  sub,
  tanh,
} from '@tensorflow/tfjs-core';
import type { Curve } from './curve.ts';

/** x tanh(e^x) (arXiv 2412.20269). From x = 3 on tanh(e^x) is 1 in float32, so the exponent stops there. */
export const teluCurve: Curve = {
  forward: (x) => {
    const power = exp(minimum(x, 3));
    const gate = tanh(power);
    return { value: mul(x, gate), reuse: [power, gate] };
  },
  slope: (x, { reuse: [power, gate] }) => add(gate!, mul(mul(x, power!), sub(1, square(gate!)))),
};

/** x erf(softplus(x)) (arXiv 2108.09598) */
export const serfCurve: Curve = {
  forward: (x) => {
    const smooth = softplus(x);
    const gate = erf(smooth);
    return { value: mul(x, gate), reuse: [smooth, gate] };
  },
  slope: (x, { reuse: [smooth, gate] }) =>
    add(gate!, mul(mul(x, sigmoid(x)), exp(sub(Math.log(2 / Math.sqrt(Math.PI)), square(smooth!))))),
};

/** x tanh(ln(1 + sigmoid(x))) (Wang, Ren and Wang 2022) */
export const smishCurve: Curve = {
  forward: (x) => {
    const inner = sigmoid(x);
    const gate = tanh(log1p(inner));
    return { value: mul(x, gate), reuse: [inner, gate] };
  },
  slope: (x, { reuse: [inner, gate] }) => {
    const innerSlope = div(mul(inner!, sub(1, inner!)), add(inner!, 1));
    return add(gate!, mul(mul(x, innerSlope), sub(1, square(gate!))));
  },
};

/** x e^(-e^-x) (arXiv 2502.03654). Below x = -6 the gate is 0 in float32, so the exponent stops there. */
export const goluCurve: Curve = {
  forward: (x) => {
    const power = exp(neg(maximum(x, -6)));
    const gate = exp(neg(power));
    return { value: mul(x, gate), reuse: [power, gate] };
  },
  slope: (x, { reuse: [power, gate] }) => mul(gate!, add(mul(x, power!), 1)),
};
