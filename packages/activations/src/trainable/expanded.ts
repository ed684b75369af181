import type { Tensor } from '@tensorflow/tfjs-core';
import type { Activation, ActivationContext } from '../activation.ts';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, atan, div, erf, exp, greaterEqual, minimum, mul, sigmoid, square, sub, where } from '../operations.ts';
import { applyRule, gateRule, type NumberOrTensor, type Rule } from '../rule.ts';
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

const xsiluRule: Rule = /* @__PURE__ */ expandedRule(siluGate);
const xgeluRule: Rule = /* @__PURE__ */ expandedRule(geluGate);
const xatluRule: Rule = /* @__PURE__ */ expandedRule(atluGate);

/** x (s(x) (1 + 2 a) - a), s the sigmoid (arXiv 2405.20768); a is a number (constant), a scalar tensor or one value per channel. */
export function xsilu(x: Tensor, a: NumberOrTensor): Tensor {
  return applyRule('xsilu', xsiluRule, x, [a]);
}

/** As xsilu, with the normal distribution's cumulative probability for its gate. */
export function xgelu(x: Tensor, a: NumberOrTensor): Tensor {
  return applyRule('xgelu', xgeluRule, x, [a]);
}

/** As xsilu, with (atan(x) + pi/2) / pi for its gate. */
export function xatlu(x: Tensor, a: NumberOrTensor): Tensor {
  return applyRule('xatlu', xatluRule, x, [a]);
}

/** xsilu(gate) * value */
export function xswiglu(gate: Tensor, value: Tensor, a: NumberOrTensor): Tensor {
  return gateRule('xsilu', xsiluRule, gate, value, [a]);
}

/** xgelu(gate) * value */
export function xgeglu(gate: Tensor, value: Tensor, a: NumberOrTensor): Tensor {
  return gateRule('xgelu', xgeluRule, gate, value, [a]);
}

/** xatlu(gate) * value */
export function xatglu(gate: Tensor, value: Tensor, a: NumberOrTensor): Tensor {
  return gateRule('xatlu', xatluRule, gate, value, [a]);
}

const expanded = (name: string, title: string, gate: string, rule: Rule) =>
  defineTrainable({
    name,
    title,
    formula: `x (g(x) (1 + 2 a) - a) with ${gate}`,
    source: 'Huang 2024, arXiv 2405.20768',
    smooth: true,
    parameters: { a: { initial: 0, meaning: 'how far the gate reaches beyond [0, 1] on both sides' } },
    rule,
    moved: { a: 0.5 },
  });

export const createXsilu = /* @__PURE__ */ expanded('xsilu', 'xSiLU', 'g = s', xsiluRule);
export const createXgelu = /* @__PURE__ */ expanded('xgelu', 'xGELU', 'g(x) = (1 + erf(x / sqrt 2)) / 2', xgeluRule);
export const createXatlu = /* @__PURE__ */ expanded('xatlu', 'xATLU', 'g(x) = (atan(x) + pi / 2) / pi', xatluRule);

export type ExpandedOptions = CreatorOptions<typeof createXsilu>;

export function createExpanded(
  name: 'xsilu' | 'xgelu' | 'xatlu',
  options?: ExpandedOptions,
  context?: ActivationContext,
): Activation {
  return { xsilu: createXsilu, xgelu: createXgelu, xatlu: createXatlu }[name](options, context);
}
