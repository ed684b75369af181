import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, mul, relu, step, sub } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** max(0, x) + a min(0, x), parameters [a] (arXiv 1502.01852) */
export const preluRule: Rule = {
  forward(x, [a]) {
    const positive = relu(x);
    const negative = sub(x, positive);
    return { value: add(positive, mul(negative, a!)), reuse: [negative] };
  },
  backward(upstream, x, [a], { reuse: [negative] }, [needed]) {
    const slope = add(mul(step(x), sub(1, a!)), a!);
    return { x: mul(upstream, slope), parameters: [parameterGradient(a!, needed!, upstream, negative!)] };
  },
};

export interface PreluOptions extends ParameterOptions {
  /** Start value of the slope for x < 0 (default 0.25). */
  a?: number | undefined;
}

/** max(0, x) + a min(0, x) (arXiv 1502.01852); a is a number (constant), a scalar tensor or one value per channel. */
export function prelu(x: Tensor, a: Parameter): Tensor {
  return applyRule('prelu', preluRule, x, [a]);
}

export function createPrelu(options: PreluOptions = {}, context: ActivationContext = {}): Activation {
  const { a = 0.25 } = options;
  const parameters = [{ name: 'a', start: a }];
  return defineActivation({ name: 'prelu', rule: preluRule, parameters }, options, context);
}
