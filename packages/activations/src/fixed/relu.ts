import { relu as rectify, step } from '../operations.ts';
import { type Base, defineFixed, fixed, fixedGate } from './base.ts';

export const reluBase: Base = {
  forward: (x) => ({ value: rectify(x), reuse: [] }),
  slope: (x) => step(x),
};

/** max(0, x) */
export const relu = /* @__PURE__ */ fixed('relu', reluBase);
/** relu(gate) * value (arXiv 2002.05202) */
export const reglu = /* @__PURE__ */ fixedGate('relu', reluBase);

export const createRelu = /* @__PURE__ */ defineFixed('relu', reluBase, {
  title: 'ReLU',
  formula: 'max(0, x)',
  source: 'Nair and Hinton 2010',
  smooth: false,
});
