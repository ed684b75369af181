import { add, mul, sigmoid, square, sub } from '../operations.ts';
import { defineFixed, fixed, selfGated } from './base.ts';

const SCALE = 1.5957691216057308; // 2 sqrt(2 / pi)
const CUBIC = 0.07135481627260025; // 0.044715 times it

/** Written with the sigmoid. */
export const geluTanhBase = /* @__PURE__ */ selfGated(
  (x) => {
    const squared = square(x);
    return [sigmoid(mul(x, add(mul(squared, CUBIC), SCALE))), squared];
  },
  (_, value, [gate, squared]) => mul(mul(value, sub(1, gate!)), add(mul(squared!, 3 * CUBIC), SCALE)),
);

/** GELU's tanh approximation, x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2 (arXiv 1606.08415) */
export const geluTanh = /* @__PURE__ */ fixed('gelu-tanh', geluTanhBase);

export const createGeluTanh = /* @__PURE__ */ defineFixed('gelu-tanh', geluTanhBase, {
  title: 'GELU, tanh form',
  formula: 'x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2',
  source: 'Hendrycks and Gimpel 2016, arXiv 1606.08415',
  smooth: true,
});
