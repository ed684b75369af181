import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, minimum, mul, relu, square, step, sub } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient, summedGradient } from '../tensors.ts';

/** s max(0, x)^2 + b, parameters [s, b] (arXiv 2210.13452) */
export const starReluRule: Rule = {
  forward(x, [s, b]) {
    const rectified = relu(x);
    const squared = square(rectified);
    return { value: add(mul(squared, s!), b!), reuse: [rectified, squared] };
  },
  backward(upstream, _, [s, b], { reuse: [rectified, squared] }, [sNeeded, bNeeded]) {
    return {
      x: mul(upstream, mul(rectified!, mul(s!, 2))),
      parameters: [parameterGradient(s!, sNeeded!, upstream, squared!), summedGradient(b!, bNeeded!, upstream)],
    };
  },
};

/** a max(0, x) + b, parameters [a, b] (Pishchik 2023) */
export const shiluRule: Rule = {
  forward(x, [a, b]) {
    const rectified = relu(x);
    return { value: add(mul(rectified, a!), b!), reuse: [rectified] };
  },
  backward(upstream, x, [a, b], { reuse: [rectified] }, [aNeeded, bNeeded]) {
    return {
      x: mul(upstream, mul(step(x), a!)),
      parameters: [parameterGradient(a!, aNeeded!, upstream, rectified!), summedGradient(b!, bNeeded!, upstream)],
    };
  },
};

/** min(max(0, x), a), parameters [a] (Pishchik 2023) */
export const relunRule: Rule = {
  forward(x, [a]) {
    const rectified = relu(x);
    return { value: minimum(rectified, a!), reuse: [rectified] };
  },
  backward(upstream, x, [a], { reuse: [rectified] }, [needed]) {
    const capped = step(sub(rectified!, a!));
    return {
      x: mul(upstream, mul(step(x), sub(1, capped))),
      parameters: [parameterGradient(a!, needed!, upstream, capped)],
    };
  },
};

export interface StarReluOptions extends ParameterOptions {
  /** Start of the scale (default 1). */
  s?: number | undefined;
  /** Start of the constant (default 0). */
  b?: number | undefined;
}

export interface ShiluOptions extends ParameterOptions {
  /** Start of the slope (default 1). */
  a?: number | undefined;
  /** Start of the constant (default 1). */
  b?: number | undefined;
}

export interface RelunOptions extends ParameterOptions {
  /** Start of the ceiling (default 1). */
  a?: number | undefined;
}

/** StarReLU, s max(0, x)^2 + b (arXiv 2210.13452); s and b: a number (constant), a scalar tensor or one value per channel. */
export function starRelu(x: Tensor, s: Parameter, b: Parameter): Tensor {
  return applyRule('starrelu', starReluRule, x, [s, b]);
}

/** ShiLU, a max(0, x) + b (Pishchik 2023); a and b: a number (constant), a scalar tensor or one value per channel. */
export function shilu(x: Tensor, a: Parameter, b: Parameter): Tensor {
  return applyRule('shilu', shiluRule, x, [a, b]);
}

/** ReLUN, min(max(0, x), a) (Pishchik 2023); a: a number (constant), a scalar tensor or one value per channel. */
export function relun(x: Tensor, a: Parameter): Tensor {
  return applyRule('relun', relunRule, x, [a]);
}

export function createStarRelu(options: StarReluOptions = {}, context: ActivationContext = {}): Activation {
  const parameters = [
    { name: 's', start: options.s ?? 1 },
    { name: 'b', start: options.b ?? 0 },
  ];
  return defineActivation({ name: 'starrelu', rule: starReluRule, parameters }, options, context);
}

export function createShilu(options: ShiluOptions = {}, context: ActivationContext = {}): Activation {
  const parameters = [
    { name: 'a', start: options.a ?? 1 },
    { name: 'b', start: options.b ?? 1 },
  ];
  return defineActivation({ name: 'shilu', rule: shiluRule, parameters }, options, context);
}

export function createRelun(options: RelunOptions = {}, context: ActivationContext = {}): Activation {
  const parameters = [{ name: 'a', start: options.a ?? 1 }];
  return defineActivation({ name: 'relun', rule: relunRule, parameters }, options, context);
}
