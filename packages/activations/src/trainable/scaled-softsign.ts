import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { abs, add, div, mul, neg } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** a x / (b + |x|), parameters [a, b] (Pishchik 2023) */
export const scaledSoftSignRule: Rule = {
  forward(x, [a, b]) {
    const denominator = add(abs(x), b!);
    const ratio = div(x, denominator);
    return { value: mul(ratio, a!), reuse: [denominator, ratio] };
  },
  backward(upstream, _, [a, b], { reuse: [denominator, ratio] }, [aNeeded, bNeeded]) {
    const shared = div(div(upstream, denominator!), denominator!);
    return {
      x: mul(shared, mul(a!, b!)),
      parameters: [
        parameterGradient(a!, aNeeded!, upstream, ratio!),
        mul(parameterGradient(b!, bNeeded!, div(upstream, denominator!), ratio!), neg(a!)),
      ],
    };
  },
};

export interface ScaledSoftSignOptions extends ParameterOptions {
  /** Start of the height (default 1). */
  a?: number | undefined;
  /** Start value > 0 (default 1). */
  b?: number | undefined;
}

/**
 * ScaledSoftSign, a x / (b + |x|) (Pishchik 2023).
 *
 * @param a a number (constant), a scalar tensor or one value per channel
 * @param b the value itself, meant to be > 0; as a
 */
export function scaledSoftSign(x: Tensor, a: Parameter, b: Parameter): Tensor {
  return applyRule('scaled-softsign', scaledSoftSignRule, x, [a, b]);
}

/** b is kept > 0 by softplus, which the paper does not ask: at b <= 0 the function has a pole. */
export function createScaledSoftSign(options: ScaledSoftSignOptions = {}, context: ActivationContext = {}): Activation {
  const parameters = [
    { name: 'a', start: options.a ?? 1 },
    { name: 'b', start: options.b ?? 1, above: 0 },
  ];
  return defineActivation({ name: 'scaled-softsign', rule: scaledSoftSignRule, parameters }, options, context);
}
