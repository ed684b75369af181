import { add, erf, exp, mul, square, sub } from '../operations.ts';
import { defineFixed, fixed, fixedGate, selfGated } from './base.ts';

/** With u = x / sqrt 2, x times the density is u e^(-u^2) / sqrt pi; the constant goes into the exponent. */
export const geluBase = /* @__PURE__ */ selfGated(
  (x) => {
    const scaled = mul(x, Math.SQRT1_2);
    return [add(mul(erf(scaled), 0.5), 0.5), scaled];
  },
  (_x, _value, [, scaled]) => mul(scaled!, exp(sub(-0.5 * Math.log(Math.PI), square(scaled!)))),
);

/** x P(N(0, 1) <= x), exact (arXiv 1606.08415) */
export const gelu = /* @__PURE__ */ fixed('gelu', geluBase);
/** gelu(gate) * value (arXiv 2002.05202) */
export const geglu = /* @__PURE__ */ fixedGate('gelu', geluBase);

export const createGelu = /* @__PURE__ */ defineFixed('gelu', geluBase, {
  title: 'GELU',
  formula: 'x (1 + erf(x / sqrt 2)) / 2',
  source: 'Hendrycks and Gimpel 2016, arXiv 1606.08415',
  smooth: true,
});
