import { add, erf, exp, mul, sigmoid, square, sub } from '../operations.ts';
import { selfGated } from './self-gated.ts';

/**
 * x P(N(0, 1) <= x) (arXiv 1606.08415). With u = x / sqrt 2, x times the density is u e^(-u^2) / sqrt pi; the constant
 * goes into the exponent.
 */
export const geluCurve = /* @__PURE__ */ selfGated(
  (x) => {
    const scaled = mul(x, Math.SQRT1_2);
    return [add(mul(erf(scaled), 0.5), 0.5), scaled];
  },
  (_x, _value, [, scaled]) => mul(scaled!, exp(sub(-0.5 * Math.log(Math.PI), square(scaled!)))),
);

const SCALE = 1.5957691216057308; // 2 sqrt(2 / pi)
const CUBIC = 0.07135481627260025; // 0.044715 times it

/** x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2, written with the sigmoid (arXiv 1606.08415) */
export const geluTanhCurve = /* @__PURE__ */ selfGated(
  (x) => {
    const squared = square(x);
    return [sigmoid(mul(x, add(mul(squared, CUBIC), SCALE))), squared];
  },
  (_, value, [gate, squared]) => mul(mul(value, sub(1, gate!)), add(mul(squared!, 3 * CUBIC), SCALE)),
);
