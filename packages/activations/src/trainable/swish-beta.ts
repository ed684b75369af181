import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, mul, sigmoid, sub } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** x sigmoid(beta x), parameters [beta] (arXiv 1710.05941) */
export const swishBetaRule: Rule = {
  forward(x, [beta]) {
    const scaled = mul(x, beta!);
    const gate = sigmoid(scaled);
    return { value: mul(x, gate), reuse: [scaled, gate] };
  },
  backward(upstream, x, [beta], { value, reuse: [scaled, gate] }, [needed]) {
    const fall = sub(1, gate!);
    const slope = add(gate!, mul(mul(scaled!, gate!), fall));
    return {
      x: mul(upstream, slope),
      parameters: [parameterGradient(beta!, needed!, upstream, mul(mul(x, value), fall))],
    };
  },
};

export interface SwishBetaOptions extends ParameterOptions {
  /** Start value (default 1, which is SiLU). */
  beta?: number | undefined;
}

/** x sigmoid(beta x) (arXiv 1710.05941); beta is a number (constant), a scalar tensor or one value per channel. */
export function swishBeta(x: Tensor, beta: Parameter): Tensor {
  return applyRule('swish-beta', swishBetaRule, x, [beta]);
}

export function createSwishBeta(options: SwishBetaOptions = {}, context: ActivationContext = {}): Activation {
  const parameters = [{ name: 'beta', start: options.beta ?? 1 }];
  return defineActivation({ name: 'swish-beta', rule: swishBetaRule, parameters }, options, context);
}
