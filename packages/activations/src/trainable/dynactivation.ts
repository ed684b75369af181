import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { InputError } from '../errors.ts';
import type { Curve } from '../fixed/curve.ts';
import { type FixedName, fixedCurves, fixedNames } from '../fixed/curves.ts';
import { add, mul, sub } from '../operations.ts';
import { applyRule, gateRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** base(x) (alpha - beta) + beta x, parameters [alpha, beta] (arXiv 2603.22154) */
export function dynActivationRule(base: FixedName = 'silu'): Rule {
  const curve: Curve | undefined = fixedCurves[base];
  if (curve === undefined) {
    throw new InputError(`dynactivation: base "${base}" is unknown; use one of ${fixedNames.join(', ')}`);
  }
  return {
    forward(x, [alpha, beta]) {
      const computed = curve.forward(x);
      const value = add(mul(computed.value, sub(alpha!, beta!)), mul(x, beta!));
      return { value, reuse: [computed.value, ...computed.reuse] };
    },
    backward(upstream, x, [alpha, beta], computed, [alphaNeeded, betaNeeded]) {
      const [value, ...reuse] = computed.reuse as [typeof x, ...(typeof x)[]];
      const slope = add(mul(curve.slope(x, { value, reuse }), sub(alpha!, beta!)), beta!);
      const alphaGradient = parameterGradient(alpha!, alphaNeeded! || betaNeeded!, upstream, value);
      return {
        x: mul(upstream, slope),
        // d/d alpha = base(x), d/d beta = x - base(x)
        parameters: [alphaGradient, sub(parameterGradient(beta!, betaNeeded!, upstream, x), alphaGradient)],
      };
    },
  };
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
