import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, div, exp, expm1, mul, neg, relu, square, sub } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** x >= 0: (a/b) x; x < 0: a (e^(x/b) - 1), parameters [a, b] (arXiv 1605.09332) */
export const peluRule: Rule = {
  forward(x, [a, b]) {
    const positive = relu(x);
    const negative = sub(x, positive);
    const exponential = expm1(div(negative, b!)); // e^(min(x, 0) / b) - 1
    const value = add(mul(positive, div(a!, b!)), mul(exponential, a!));
    return { value, reuse: [positive, negative, exponential] };
  },
  backward(upstream, _, [a, b], { reuse: [positive, negative, exponential] }, [aNeeded, bNeeded]) {
    const power = exp(div(negative!, b!)); // 1 where x >= 0, so one product serves both sides
    const byB = add(positive!, mul(negative!, power));
    return {
      x: mul(upstream, mul(power, div(a!, b!))),
      parameters: [
        parameterGradient(a!, aNeeded!, upstream, add(div(positive!, b!), exponential!)),
        mul(parameterGradient(b!, bNeeded!, upstream, byB), neg(div(a!, square(b!)))),
      ],
    };
  },
};

export interface PeluOptions extends ParameterOptions {
  /** Start value > 0 (default 1). */
  a?: number | undefined;
  /** Start value > 0 (default 1). */
  b?: number | undefined;
}

/**
 * PELU: (a/b) x where x >= 0, else a (e^(x/b) - 1) (arXiv 1605.09332).
 *
 * @param a the value itself, meant to be > 0: a number (constant), a scalar tensor or one value per channel
 * @param b as a
 */
export function pelu(x: Tensor, a: Parameter, b: Parameter): Tensor {
  return applyRule('pelu', peluRule, x, [a, b]);
}

export function createPelu(options: PeluOptions = {}, context: ActivationContext = {}): Activation {
  const parameters = [
    { name: 'a', start: options.a ?? 1, above: 0 },
    { name: 'b', start: options.b ?? 1, above: 0 },
  ];
  return defineActivation({ name: 'pelu', rule: peluRule, parameters }, options, context);
}
