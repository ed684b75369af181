import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { abs, add, div, mul, relu, sigmoid, square, step, sub, tanh } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** w1 max(0, x) + w2 sigmoid(x) + w3 tanh(x) + w4 x / (1 + |x|), parameters [w1, w2, w3, w4] (Pishchik 2023) */
export const linCombRule: Rule = {
  forward(x, [w1, w2, w3, w4]) {
    const distance = add(abs(x), 1);
    const functions = [relu(x), sigmoid(x), tanh(x), div(x, distance)] as const;
    const [rectified, logistic, hyperbolic, softSign] = functions;
    const first = add(mul(rectified, w1!), mul(logistic, w2!));
    const value = add(add(first, mul(hyperbolic, w3!)), mul(softSign, w4!));
    return { value, reuse: [...functions, distance] };
  },
  backward(upstream, x, parameters, { reuse }, needed) {
    const [rectified, logistic, hyperbolic, softSign, distance] = reuse as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const [w1, w2, w3, w4] = parameters as [Tensor, Tensor, Tensor, Tensor];
    const logisticSlope = sub(logistic, square(logistic));
    const hyperbolicSlope = sub(1, square(hyperbolic));
    const first = add(mul(step(x), w1), mul(logisticSlope, w2));
    const slope = add(add(first, mul(hyperbolicSlope, w3)), div(w4, square(distance)));
    const functions = [rectified, logistic, hyperbolic, softSign];
    return {
      x: mul(upstream, slope),
      parameters: parameters.map((weight, index) =>
        parameterGradient(weight, needed[index]!, upstream, functions[index]!),
      ),
    };
  },
};

export interface LinCombOptions extends ParameterOptions {
  /** Start of ReLU's weight (default 1/4). */
  w1?: number | undefined;
  /** Start of the sigmoid's weight (default 1/4). */
  w2?: number | undefined;
  /** Start of tanh's weight (default 1/4). */
  w3?: number | undefined;
  /** Start of soft sign's weight (default 1/4). */
  w4?: number | undefined;
}

/** LinComb (Pishchik 2023) of ReLU, sigmoid, tanh and soft sign; each weight a number (constant), a scalar tensor or one value per channel. */
export function linComb(x: Tensor, w1: Parameter, w2: Parameter, w3: Parameter, w4: Parameter): Tensor {
  return applyRule('lincomb', linCombRule, x, [w1, w2, w3, w4]);
}

export function createLinComb(options: LinCombOptions = {}, context: ActivationContext = {}): Activation {
  const { w1 = 0.25, w2 = 0.25, w3 = 0.25, w4 = 0.25 } = options;
  const parameters = Object.entries({ w1, w2, w3, w4 }).map(([name, start]) => ({ name, start }));
  return defineActivation({ name: 'lincomb', rule: linCombRule, parameters }, options, context);
}
