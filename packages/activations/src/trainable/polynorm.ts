import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, div, mean, mul, sqrt, square, sub } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient, summedGradient } from '../tensors.ts';

const ORDER = 3;
const EPSILON = 1e-6;

/**
 * w1 n(x) + w2 n(x^2) + w3 n(x^3) + b, where n divides by the root mean square over the last axis; parameters
 * [w1, w2, w3, b] (arXiv 2411.03884). It is not elementwise: each output depends on its whole row.
 */
export const polyNormRule: Rule = {
  forward(x, parameters) {
    let value: Tensor | undefined;
    let power = x;
    const reuse: Tensor[] = [];
    for (let order = 1; order <= ORDER; order++) {
      if (order > 1) power = mul(power, x);
      const root = sqrt(add(mean(square(power), -1, true), EPSILON));
      const normed = div(power, root);
      const term = mul(normed, parameters[order - 1]!);
      value = value === undefined ? term : add(value, term);
      reuse.push(root, normed);
    }
    return { value: add(value!, parameters[ORDER]!), reuse };
  },
  backward(upstream, x, parameters, { reuse }, needed) {
    let slope: Tensor | undefined;
    let powerSlope: Tensor | undefined; // of x^order, as a factor of x's gradient
    const gradients: Tensor[] = [];
    for (let order = 1; order <= ORDER; order++) {
      const [root, normed] = [reuse[2 * order - 2]!, reuse[2 * order - 1]!];
      gradients.push(parameterGradient(parameters[order - 1]!, needed[order - 1]!, upstream, normed));
      const weighted = mul(upstream, parameters[order - 1]!);
      const projected = sub(weighted, mul(normed, mean(mul(weighted, normed), -1, true)));
      const byPower = div(projected, root);
      if (order > 1) powerSlope = powerSlope === undefined ? x : mul(powerSlope, x);
      const part = powerSlope === undefined ? byPower : mul(mul(byPower, powerSlope), order);
      slope = slope === undefined ? part : add(slope, part);
    }
    gradients.push(summedGradient(parameters[ORDER]!, needed[ORDER]!, upstream));
    return { x: slope!, parameters: gradients };
  },
};

export interface PolyNormOptions extends ParameterOptions {
  /** Start of the weight of the normalised x (default 1/3). */
  w1?: number | undefined;
  /** Start of the weight of the normalised x^2 (default 1/3). */
  w2?: number | undefined;
  /** Start of the weight of the normalised x^3 (default 1/3). */
  w3?: number | undefined;
  /** Start of the constant (default 0). */
  b?: number | undefined;
}

/**
 * PolyNorm of order 3 (arXiv 2411.03884), normalised over the last axis of x.
 * Every parameter is a number (constant), a scalar tensor or one value per channel.
 */
export function polyNorm(x: Tensor, w1: Parameter, w2: Parameter, w3: Parameter, b: Parameter): Tensor {
  return applyRule('polynorm', polyNormRule, x, [w1, w2, w3, b]);
}

export function createPolyNorm(options: PolyNormOptions = {}, context: ActivationContext = {}): Activation {
  const { w1 = 1 / ORDER, w2 = 1 / ORDER, w3 = 1 / ORDER, b = 0 } = options;
  const parameters = Object.entries({ w1, w2, w3, b }).map(([name, start]) => ({ name, start }));
  return defineActivation({ name: 'polynorm', rule: polyNormRule, parameters }, options, context);
}
