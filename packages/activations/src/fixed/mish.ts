import { mul, sigmoid, softplus, square, sub, tanh } from '../operations.ts';
import { defineFixed, fixed, selfGated } from './base.ts';

export const mishBase = /* @__PURE__ */ selfGated(
  (x) => [tanh(softplus(x))],
  (x, _, [gate]) => mul(mul(x, sigmoid(x)), sub(1, square(gate!))),
);

/** x tanh(softplus(x)) (arXiv 1908.08681) */
export const mish = /* @__PURE__ */ fixed('mish', mishBase);

export const createMish = /* @__PURE__ */ defineFixed('mish', mishBase, {
  title: 'Mish',
  formula: 'x tanh(ln(1 + e^x))',
  source: 'Misra 2019, arXiv 1908.08681',
  smooth: true,
});
