import { mul, sigmoid, sub } from '../operations.ts';
import { defineFixed, fixed, fixedGate, selfGated } from './base.ts';

export const siluBase = /* @__PURE__ */ selfGated(
  (x) => [sigmoid(x)],
  (_, value, [gate]) => mul(value, sub(1, gate!)),
);

/** x sigmoid(x), also called Swish (arXiv 1702.03118) */
export const silu = /* @__PURE__ */ fixed('silu', siluBase);
/** silu(gate) * value (arXiv 2002.05202) */
export const swiglu = /* @__PURE__ */ fixedGate('silu', siluBase);

export const createSilu = /* @__PURE__ */ defineFixed('silu', siluBase, {
  title: 'SiLU, Swish',
  formula: 'x s(x)',
  source: 'Elfwing, Uchibe and Doya 2017, arXiv 1702.03118',
  smooth: true,
});
