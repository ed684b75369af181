import { tanh as hyperbolicTangent, square, sub } from '../operations.ts';
import { type Base, defineFixed, fixed } from './base.ts';

export const tanhBase: Base = {
  forward: (x) => ({ value: hyperbolicTangent(x), reuse: [] }),
  slope: (_, { value }) => sub(1, square(value)),
};

/** tanh(x) */
export const tanh = /* @__PURE__ */ fixed('tanh', tanhBase);

export const createTanh = /* @__PURE__ */ defineFixed('tanh', tanhBase, {
  title: 'Tanh',
  formula: 'tanh(x)',
  source: 'the hyperbolic tangent',
  smooth: true,
});
