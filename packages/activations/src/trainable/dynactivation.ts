import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { InputError } from '../errors.ts';
import type { Curve } from '../fixed/curve.ts';
import { type FixedName, fixedCurves, fixedNames } from '../fixed/curves.ts';
import { add, mul, sigmoid, sub } from '../operations.ts';
import { applyRule, gateRule, type Parameter, type Rule } from '../rule.ts';
import { summedGradient } from '../tensors.ts';

/** base(x) (alpha - beta) + beta x, parameters [alpha, beta] (arXiv 2603.22154) */
export function dynActivationRule(base: FixedName = 'silu'): Rule {
  const curve: Curve | undefined = fixedCurves[base];
  if (curve === undefined) {
    throw new InputError(`dynactivation: base "${base}" is unknown; use one of ${fixedNames.join(', ')}`);
  }
  if (base === 'silu') return dynSiluRule;
  return {
    forward(x, [alpha, beta]) {
      const computed = curve.forward(x);
      const value = add(mul(computed.value, sub(alpha!, beta!)), mul(x, beta!));
      return { value, reuse: [computed.value, ...computed.reuse] };
    },
    backward(upstream, x, parameters, computed, needed) {
      const [alpha, beta] = parameters;
      const [value, ...reuse] = computed.reuse as [typeof x, ...(typeof x)[]];
      const slope = add(mul(curve.slope(x, { value, reuse }), sub(alpha!, beta!)), beta!);
      return {
        x: mul(upstream, slope),
        parameters: parameterGradients(parameters, needed, mul(upstream, value), mul(upstream, x)),
      };
    },
  };
}

/**
 * The same for the base silu, in the fewest passes over x: with s = sigmoid(x) it is x a, a = s (alpha - beta) + beta,
 * and with g the upstream gradient and k = g x s, its gradient is (g - k) a + alpha k.
 */
const dynSiluRule: Rule = {
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

export interface DynActivationOptions extends ParameterOptions {
  /** The fixed activation that is bent (default 'silu'). */
  base?: FixedName | undefined;
  /** Start value (default 1). With beta 0 the activation starts as its base. */
  alpha?: number | undefined;
  /** Start value (default 0). With alpha 1, beta 1 is the identity. */
  beta?: number | undefined;
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
  alpha: Parameter,
  beta: Parameter,
  { base = 'silu' }: { base?: FixedName | undefined } = {},
): Tensor {
  return applyRule('dynactivation', dynActivationRule(base), x, [alpha, beta]);
}

/** dynActivation(gate) * value, the middle of a dynActGLU block (our reading of arXiv 2603.22154). */
export function dynActGlu(
  gate: Tensor,
  value: Tensor,
  alpha: Parameter,
  beta: Parameter,
  { base = 'silu' }: { base?: FixedName | undefined } = {},
): Tensor {
  return gateRule('dynactivation', dynActivationRule(base), gate, value, [alpha, beta]);
}

export function createDynActivation(options: DynActivationOptions = {}, context: ActivationContext = {}): Activation {
  const { base = 'silu', alpha = 1, beta = 0 } = options;
  const parameters = [
    { name: 'alpha', start: alpha },
    { name: 'beta', start: beta },
  ];
  const definition = { name: 'dynactivation', rule: dynActivationRule(base), parameters, options: { base } };
  return defineActivation(definition, options, context);
}
