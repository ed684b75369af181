import { erf, exp, mul, sigmoid, softplus, square, sub } from '../operations.ts';
import { defineFixed, fixed, selfGated } from './base.ts';

/** The density's constant 2 / sqrt pi goes into the exponent. */
export const serfBase = /* @__PURE__ */ selfGated(
  (x) => {
    const smooth = softplus(x);
    return [erf(smooth), smooth];
  },
  (x, _, [, smooth]) => mul(mul(x, sigmoid(x)), exp(sub(Math.log(2 / Math.sqrt(Math.PI)), square(smooth!)))),
);

/** x erf(softplus(x)) (arXiv 2108.09598) */
export const serf = /* @__PURE__ */ fixed('serf', serfBase);

export const createSerf = /* @__PURE__ */ defineFixed('serf', serfBase, {
  title: 'Serf',
  formula: 'x erf(ln(1 + e^x))',
  source: 'Nag et al. 2021, arXiv 2108.09598',
  smooth: true,
});
