import { add, exp, expm1, minimum, relu } from '../operations.ts';
import { type Base, defineFixed, fixed } from './base.ts';

/** The WebGL backend's own elu loses NaN. */
export const eluBase: Base = {
  forward: (x) => ({ value: add(relu(x), expm1(minimum(x, 0))), reuse: [] }),
  slope: (x) => exp(minimum(x, 0)),
};

/** x where x > 0, else e^x - 1 (arXiv 1511.07289, alpha 1) */
export const elu = /* @__PURE__ */ fixed('elu', eluBase);

export const createElu = /* @__PURE__ */ defineFixed('elu', eluBase, {
  title: 'ELU',
  formula: 'x > 0: x; x <= 0: e^x - 1',
  source: 'Clevert, Unterthiner and Hochreiter 2015, arXiv 1511.07289',
  smooth: false,
});
