import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, mul, relu, step } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient, summedGradient } from '../tensors.ts';

const ORDER = 3;

/** a0 + a1 r + a2 r^2 + a3 r^3 with r = max(0, x), parameters [a0, a1, a2, a3] (arXiv 2411.03884) */
export const polyReluRule: Rule = {
  forward(x, [a0, a1, a2, a3]) {
    const rectified = relu(x);
    const value = add(mul(add(mul(add(mul(rectified, a3!), a2!), rectified), a1!), rectified), a0!);
    return { value, reuse: [rectified] };
  },
  backward(upstream, _, parameters, { reuse }, needed) {
    const [a0, a1, a2, a3] = parameters as [Tensor, Tensor, Tensor, Tensor];
    const rectified = reuse[0]!;
    const inner = add(mul(rectified, mul(a3, 3)), mul(a2, 2));
    const slope = mul(add(mul(inner, rectified), a1), step(rectified));
    const gradients = [summedGradient(a0, needed[0]!, upstream)];
    let weighted = upstream;
    for (let power = 1; power <= ORDER; power++) {
      gradients.push(parameterGradient(parameters[power]!, needed[power]!, weighted, rectified));
      if (power < ORDER) weighted = mul(weighted, rectified);
    }
    return { x: mul(upstream, slope), parameters: gradients };
  },
};

export interface PolyReluOptions extends ParameterOptions {
  /** Start of the constant (default 0). */
  a0?: number | undefined;
  /** Start of the factor of max(0, x) (default 1/3). */
  a1?: number | undefined;
  /** Start of the factor of max(0, x)^2 (default 1/3). */
  a2?: number | undefined;
  /** Start of the factor of max(0, x)^3 (default 1/3). */
  a3?: number | undefined;
}

/** PolyReLU of order 3 (arXiv 2411.03884): sum of a_i max(0, x)^i; each a_i a number (constant), a scalar tensor or one value per channel. */
export function polyRelu(x: Tensor, a0: Parameter, a1: Parameter, a2: Parameter, a3: Parameter): Tensor {
  return applyRule('polyrelu', polyReluRule, x, [a0, a1, a2, a3]);
}

export function createPolyRelu(options: PolyReluOptions = {}, context: ActivationContext = {}): Activation {
  const { a0 = 0, a1 = 1 / ORDER, a2 = 1 / ORDER, a3 = 1 / ORDER } = options;
  const parameters = Object.entries({ a0, a1, a2, a3 }).map(([name, start]) => ({ name, start }));
  return defineActivation({ name: 'polyrelu', rule: polyReluRule, parameters }, options, context);
}
