import {
  add,
  div,
  erf,
  exp,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  sigmoid,
  softplus,
  square,
  sub,
  tanh,
} from '../operations.ts';
import { cosine, sine } from '../waves.ts';
import { selfGated } from './self-gated.ts';

/** x sigmoid(x), also called Swish (arXiv 1702.03118) */
export const siluCurve = /* @__PURE__ */ selfGated(
  (x) => [sigmoid(x)],
  (_, value, [gate]) => mul(value, sub(1, gate!)),
);

/** x tanh(softplus(x)) (arXiv 1908.08681) */
export const mishCurve = /* @__PURE__ */ selfGated(
  (x) => [tanh(softplus(x))],
  (x, _, [gate]) => mul(mul(x, sigmoid(x)), sub(1, square(gate!))),
);

/** x tanh(e^x) (arXiv 2412.20269). From x = 3 on tanh(e^x) is 1 in float32, so the exponent stops there. */
export const teluCurve = /* @__PURE__ */ selfGated(
  (x) => {
    const power = exp(minimum(x, 3));
    return [tanh(power), power];
  },
  (x, _, [gate, power]) => mul(mul(x, power!), sub(1, square(gate!))),
);

/** x erf(softplus(x)) (arXiv 2108.09598) */
export const serfCurve = /* @__PURE__ */ selfGated(
  (x) => {
    const smooth = softplus(x);
    return [erf(smooth), smooth];
  },
  // The density's constant 2 / sqrt pi goes into the exponent.
  (x, _, [, smooth]) => mul(mul(x, sigmoid(x)), exp(sub(Math.log(2 / Math.sqrt(Math.PI)), square(smooth!)))),
);

/** x tanh(ln(1 + sigmoid(x))) (Wang, Ren and Wang 2022) */
export const smishCurve = /* @__PURE__ */ selfGated(
  (x) => {
    const inner = sigmoid(x);
    return [tanh(log1p(inner)), inner];
  },
  (x, _, [gate, inner]) => {
    const innerSlope = div(mul(inner!, sub(1, inner!)), add(inner!, 1));
    return mul(mul(x, innerSlope), sub(1, square(gate!)));
  },
);

/** x e^(-e^-x) (arXiv 2502.03654). Below x = -6 the gate is 0 in float32, so the exponent stops there. */
export const goluCurve = /* @__PURE__ */ selfGated(
  (x) => {
    const power = exp(neg(maximum(x, -6)));
    return [exp(neg(power)), power];
  },
  (_, value, [, power]) => mul(value, power!),
);

/** Growing cosine unit, x cos x (arXiv 2108.12943) */
export const gcuCurve = /* @__PURE__ */ selfGated(
  (x) => [cosine(x)],
  (x) => neg(mul(x, sine(x))),
);
