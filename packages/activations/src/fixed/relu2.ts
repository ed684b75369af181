import { mul, relu, square } from '../operations.ts';
import { type Base, defineFixed, fixed, fixedGate } from './base.ts';

export const relu2Base: Base = {
  forward: (x) => {
    const rectified = relu(x);
    return { value: square(rectified), reuse: [rectified] };
  },
  slope: (_, { reuse }) => mul(reuse[0]!, 2),
};

/** max(0, x)^2 (arXiv 2109.08668) */
export const relu2 = /* @__PURE__ */ fixed('relu2', relu2Base);
/** relu(gate)^2 * value */
export const relu2glu = /* @__PURE__ */ fixedGate('relu2', relu2Base);

export const createRelu2 = /* @__PURE__ */ defineFixed('relu2', relu2Base, {
  title: 'Squared ReLU',
  formula: 'max(0, x)^2',
  source: 'So et al. 2021 (Primer), arXiv 2109.08668',
  smooth: false,
});
