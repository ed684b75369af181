import { add, div, log1p, mul, sigmoid, square, sub, tanh } from '../operations.ts';
import { defineFixed, fixed, selfGated } from './base.ts';

export const smishBase = /* @__PURE__ */ selfGated(
  (x) => {
    const inner = sigmoid(x);
    return [tanh(log1p(inner)), inner];
  },
  (x, _, [gate, inner]) => {
    const innerSlope = div(mul(inner!, sub(1, inner!)), add(inner!, 1));
    return mul(mul(x, innerSlope), sub(1, square(gate!)));
  },
);

/** x tanh(ln(1 + sigmoid(x))) (Wang, Ren and Wang 2022) */
export const smish = /* @__PURE__ */ fixed('smish', smishBase);

export const createSmish = /* @__PURE__ */ defineFixed('smish', smishBase, {
  title: 'Smish',
  formula: 'x tanh(ln(1 + s(x)))',
  source: 'Wang, Ren and Wang 2022 (Electronics 11(4), 540)',
  smooth: true,
});
