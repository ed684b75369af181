import { exactSigmoid, sigmoid as logistic, mul, square, sub } from '../operations.ts';
import { type Base, defineFixed, fixed, fixedGate } from './base.ts';

export const sigmoidBase: Base = {
  forward: (x) => ({ value: logistic(x), reuse: [] }),
  slope: (_, { value }) => sub(value, square(value)),
};

/** Accurate relative to the value, also where it or 1 less it is small: not a gate, but a probability. */
const probability: Base = {
  forward: (x) => ({ value: exactSigmoid(x), reuse: [] }),
  slope: (_, { value }) => mul(value, sub(1, value)),
};

/** 1 / (1 + e^-x) */
export const sigmoid = /* @__PURE__ */ fixed('sigmoid', probability);
/** sigmoid(gate) * value (arXiv 1612.08083) */
export const glu = /* @__PURE__ */ fixedGate('sigmoid', sigmoidBase);

export const createSigmoid = /* @__PURE__ */ defineFixed('sigmoid', probability, {
  title: 'Sigmoid',
  formula: '1 / (1 + e^(-x))',
  source: 'the logistic function',
  smooth: true,
});
