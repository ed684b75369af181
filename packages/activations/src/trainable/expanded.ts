import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, atan, div, erf, exp, greaterEqual, minimum, mul, sigmoid, square, sub, where } from '../operations.ts';
import { applyRule, gateRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** A gate g(x) that rises from 0 to 1, and x g'(x). */
interface Gate {
  forward(x: Tensor): Tensor;
  /** x g'(x) */
  slopeTimesX(x: Tensor, gate: Tensor): Tensor;
}

const siluGate: Gate = {
  forward: (x) => sigmoid(x),
  slopeTimesX: (x, gate) => mul(mul(x, gate), sub(1, gate)),
};

const geluGate: Gate = {
  forward: (x) => add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5),
  // The density's constant 1 / sqrt(2 pi) goes into the exponent.
  slopeTimesX: (x) => mul(x, exp(sub(-0.5 * Math.log(2 * Math.PI), mul(square(x), 0.5)))),
};

const atluGate: Gate = {
  // Below -1 the gate is written atan(-1 / x) / pi: adding pi / 2 to atan(x) would leave only rounding errors there.
  forward: (x) => {
    const middle = add(mul(atan(x), 1 / Math.PI), 0.5);
    const tail = mul(atan(div(-1, minimum(x, -1))), 1 / Math.PI);
    return where(greaterEqual(x, -1), middle, tail);
  },
  slopeTimesX: (x) => div(x, mul(add(square(x), 1), Math.PI)),
};

/** x (g(x) (1 + 2 a) - a), parameters [a]: the gate's range becomes (-a, 1 + a) (arXiv 2405.20768) */
function expandedRule(gateOf: Gate): Rule {
  return {
    forward(x, [a]) {
      const gate = gateOf.forward(x);
      const expanded = sub(mul(gate, expansion(a!)), a!);
      return { value: mul(x, expanded), reuse: [gate, expanded] };
    },
    backward(upstream, x, [a], { reuse }, [needed]) {
      const [gate, expanded] = reuse as [Tensor, Tensor];
      const slope = add(expanded, mul(gateOf.slopeTimesX(x, gate), expansion(a!)));
      const byA = needed ? mul(x, sub(mul(gate, 2), 1)) : x;
      return { x: mul(upstream, slope), parameters: [parameterGradient(a!, needed!, upstream, byA)] };
    },
  };
}

const expansion = (a: Tensor): Tensor => add(mul(a, 2), 1);

export const xsiluRule: Rule = /* @__PURE__ */ expandedRule(siluGate);
export const xgeluRule: Rule = /* @__PURE__ */ expandedRule(geluGate);
export const xatluRule: Rule = /* @__PURE__ */ expandedRule(atluGate);

export interface ExpandedOptions extends ParameterOptions {
  /** Start value (default 0: the gate is not expanded). */
  a?: number | undefined;
}

/** x (s(x) (1 + 2 a) - a), s the sigmoid (arXiv 2405.20768); a is a number (constant), a scalar tensor or one value per channel. */
export function xsilu(x: Tensor, a: Parameter): Tensor {
  return applyRule('xsilu', xsiluRule, x, [a]);
}

/** As xsilu, with the normal distribution's cumulative probability for its gate. */
export function xgelu(x: Tensor, a: Parameter): Tensor {
  return applyRule('xgelu', xgeluRule, x, [a]);
}

/** As xsilu, with (atan(x) + pi/2) / pi for its gate. */
export function xatlu(x: Tensor, a: Parameter): Tensor {
  return applyRule('xatlu', xatluRule, x, [a]);
}

/** xsilu(gate) * value */
export function xswiglu(gate: Tensor, value: Tensor, a: Parameter): Tensor {
  return gateRule('xsilu', xsiluRule, gate, value, [a]);
}

/** xgelu(gate) * value */
export function xgeglu(gate: Tensor, value: Tensor, a: Parameter): Tensor {
  return gateRule('xgelu', xgeluRule, gate, value, [a]);
}

/** xatlu(gate) * value */
export function xatglu(gate: Tensor, value: Tensor, a: Parameter): Tensor {
  return gateRule('xatlu', xatluRule, gate, value, [a]);
}

const rules = { xsilu: xsiluRule, xgelu: xgeluRule, xatlu: xatluRule };

export function createExpanded(
  name: keyof typeof rules,
  options: ExpandedOptions = {},
  context: ActivationContext = {},
): Activation {
  const parameters = [{ name: 'a', start: options.a ?? 0 }];
  return defineActivation({ name, rule: rules[name], parameters }, options, context);
}
