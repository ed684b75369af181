import { onesLike } from '../operations.ts';
import { type Base, defineFixed, fixed, fixedGate } from './base.ts';

export const identityBase: Base = {
  forward: (x) => ({ value: x, reuse: [] }),
  slope: (x) => onesLike(x),
};

/** x */
export const identity = /* @__PURE__ */ fixed('identity', identityBase);
/** gate * value (arXiv 2002.05202) */
export const bilinear = /* @__PURE__ */ fixedGate('identity', identityBase);

export const createIdentity = /* @__PURE__ */ defineFixed('identity', identityBase, {
  title: 'Identity',
  formula: 'x',
  source: 'the linear unit',
  smooth: true,
});
