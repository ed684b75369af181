import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { InputError } from '../errors.ts';
import type { Base } from '../fixed/base.ts';
import { bases, type FixedName, fixedNames } from '../fixed/bases.ts';
import { add, mul, sigmoid, sub } from '../operations.ts';
import { applyRule, gateRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { summedGradient } from '../tensors.ts';

function ruleOf(name: FixedName = 'silu'): Rule {
  const base: Base | undefined = bases[name];
  if (base === undefined) {
    throw new InputError(`dynactivation: base "${name}" is unknown; use one of ${fixedNames.join(', ')}`);
  }
  if (name === 'silu') return siluRule;
  return {
    forward(x, [alpha, beta]) {
      const computed = base.forward(x);
      const value = add(mul(computed.value, sub(alpha!, beta!)), mul(x, beta!));
      return { value, reuse: [computed.value, ...computed.reuse] };
    },
    backward(upstream, x, parameters, computed, needed) {
      const [alpha, beta] = parameters;
      const [value, ...reuse] = computed.reuse as [Tensor, ...Tensor[]];
      const slope = add(mul(base.slope(x, { value, reuse }), sub(alpha!, beta!)), beta!);
      return {
        x: mul(upstream, slope),
        parameters: parameterGradients(parameters, needed, mul(upstream, value), mul(upstream, x)),
      };
    },
  };
}

/**
 * For the base silu, in the fewest passes over x: with s = sigmoid(x) it is x a, a = s (alpha - beta) + beta,
 * and with g the upstream gradient and k = g x s, its gradient is (g - k) a + alpha k.
 */
const siluRule: Rule = {
  forward(x, [alpha, beta]) {
    const gate = sigmoid(x);
    const slope = add(mul(gate, sub(alpha!, beta!)), beta!);
    return { value: mul(x, slope), reuse: [gate, slope] };
  },
  backward(upstream, x, parameters, { reuse: [gate, slope] }, needed) {
    const ofIdentity = mul(upstream, x);
    const ofSilu = mul(ofIdentity, gate!);
    return {
      x: add(mul(sub(upstream, ofSilu), slope!), mul(ofSilu, parameters[0]!)),
      parameters: parameterGradients(parameters, needed, ofSilu, ofIdentity),
    };
  },
};

/** d/d alpha = base(x) and d/d beta = x - base(x), each given times the upstream gradient. */
function parameterGradients(
  [alpha, beta]: readonly Tensor[],
  [alphaNeeded, betaNeeded]: readonly boolean[],
  ofBase: Tensor,
  ofIdentity: Tensor,
): Tensor[] {
  const ofBeta = (product: Tensor) => summedGradient(beta!, betaNeeded!, product);
  return [summedGradient(alpha!, alphaNeeded!, ofBase), sub(ofBeta(ofIdentity), ofBeta(ofBase))];
}

interface BaseOption {
  /** The fixed activation that is bent (default 'silu'). */
  base?: FixedName | undefined;
}

/**
 * base(x) (alpha - beta) + beta x (arXiv 2603.22154): the base at alpha 1, beta 0; the identity at alpha 1, beta 1.
 *
 * @param x float32, any shape
 * @param alpha a number (constant), a scalar tensor or one value per channel
 * @param beta as alpha
 */
export function dynActivation(
  x: Tensor,
  alpha: NumberOrTensor,
  beta: NumberOrTensor,
  { base }: BaseOption = {},
): Tensor {
  return applyRule('dynactivation', ruleOf(base), x, [alpha, beta]);
}

/** dynActivation(gate) * value, the middle of a dynActGLU block (our reading of arXiv 2603.22154). */
export function dynActGlu(
  gate: Tensor,
  value: Tensor,
  alpha: NumberOrTensor,
  beta: NumberOrTensor,
  { base }: BaseOption = {},
): Tensor {
  return gateRule('dynactivation', ruleOf(base), gate, value, [alpha, beta]);
}

export type DynActivationOptions = CreatorOptions<typeof createDynActivation>;

export const createDynActivation = /* @__PURE__ */ defineTrainable({
  name: 'dynactivation',
  title: 'dynActivation',
  formula: 'base(x) (alpha - beta) + beta x',
  source: 'arXiv 2603.22154',
  smooth: true,
  note:
    'Initial values, no weight decay and the form of dynActGLU are our reading: the paper does not state them. ' +
    'The base is any fixed activation (default silu); dynActivation is as smooth as its base.',
  parameters: {
    alpha: { initial: 1, meaning: 'weight of the base' },
    beta: { initial: 0, meaning: 'weight of the straight line' },
  },
  options: { base: fixedNames },
  rule: ({ base = 'silu' }) => ({ rule: ruleOf(base), options: { base } }),
  call: "dynActivation(x, alpha, beta, { base: 'silu' })",
  moved: { alpha: 0.7, beta: 0.2 },
});
