import { exp, maximum, mul, neg } from '../operations.ts';
import { defineFixed, fixed, selfGated } from './base.ts';

/** Below x = -6 the gate is 0 in float32, so the exponent stops there. */
export const goluBase = /* @__PURE__ */ selfGated(
  (x) => {
    const power = exp(neg(maximum(x, -6)));
    return [exp(neg(power)), power];
  },
  (_, value, [, power]) => mul(value, power!),
);

/** x e^(-e^-x) (arXiv 2502.03654) */
export const golu = /* @__PURE__ */ fixed('golu', goluBase);

export const createGolu = /* @__PURE__ */ defineFixed('golu', goluBase, {
  title: 'GoLU',
  formula: 'x e^(-e^(-x))',
  source: 'Das et al. 2025, arXiv 2502.03654',
  smooth: true,
});
