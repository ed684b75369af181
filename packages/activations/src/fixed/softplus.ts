import { abs, add, exp, log1p, neg, relu, sigmoid } from '../operations.ts';
import { type Base, defineFixed, fixed } from './base.ts';

/** max(0, x) + ln(1 + e^-|x|). The WebGL backend's own softplus loses NaN. */
export const softplusBase: Base = {
  forward: (x) => ({ value: add(relu(x), log1p(exp(neg(abs(x))))), reuse: [] }),
  slope: (x) => sigmoid(x),
};

/** ln(1 + e^x) */
export const softplus = /* @__PURE__ */ fixed('softplus', softplusBase);

export const createSoftplus = /* @__PURE__ */ defineFixed('softplus', softplusBase, {
  title: 'Softplus',
  formula: 'ln(1 + e^x)',
  source: 'Dugas et al. 2000',
  smooth: true,
});
