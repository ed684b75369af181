import { sigmoid as logistic, square, sub } from '../operations.ts';
import { type Base, defineFixed, fixed, fixedGate } from './base.ts';

export const sigmoidBase: Base = {
  forward: (x) => ({ value: logistic(x), reuse: [] }),
  slope: (_, { value }) => sub(value, square(value)),
};

/** 1 / (1 + e^-x) */
export const sigmoid = /* @__PURE__ */ fixed('sigmoid', sigmoidBase);
/** sigmoid(gate) * value (arXiv 1612.08083) */
export const glu = /* @__PURE__ */ fixedGate('sigmoid', sigmoidBase);

export const createSigmoid = /* @__PURE__ */ defineFixed('sigmoid', sigmoidBase, {
  title: 'Sigmoid',
  formula: '1 / (1 + e^(-x))',
  source: 'the logistic function',
  smooth: true,
});
