import { exp, minimum, mul, square, sub, tanh } from '../operations.ts';
import { defineFixed, fixed, selfGated } from './base.ts';

/** From x = 3 on tanh(e^x) is 1 in float32, so the exponent stops there. */
export const teluBase = /* @__PURE__ */ selfGated(
  (x) => {
    const power = exp(minimum(x, 3));
    return [tanh(power), power];
  },
  (x, _, [gate, power]) => mul(mul(x, power!), sub(1, square(gate!))),
);

/** x tanh(e^x) (arXiv 2412.20269) */
export const telu = /* @__PURE__ */ fixed('telu', teluBase);

export const createTelu = /* @__PURE__ */ defineFixed('telu', teluBase, {
  title: 'TeLU',
  formula: 'x tanh(e^x)',
  source: 'Fernandez and Mali 2024, arXiv 2412.20269',
  smooth: true,
});
