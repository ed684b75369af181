import { mul, neg } from '../operations.ts';
import { cosine, sine } from '../waves.ts';
import { defineFixed, fixed, selfGated } from './base.ts';

export const gcuBase = /* @__PURE__ */ selfGated(
  (x) => [cosine(x)],
  (x) => neg(mul(x, sine(x))),
);

/** Growing cosine unit, x cos x (arXiv 2108.12943) */
export const gcu = /* @__PURE__ */ fixed('gcu', gcuBase);

export const createGcu = /* @__PURE__ */ defineFixed('gcu', gcuBase, {
  title: 'GCU, growing cosine unit',
  formula: 'x cos(x)',
  source: 'Noel et al. 2021, arXiv 2108.12943',
  smooth: true,
});
