import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { add, elu, greaterEqual, mul, relu, sigmoid, sub, where } from '../operations.ts';
import { applyRule, gateRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

const STEEPNESS = 1.702;

/**
 * x >= 0: a (x + x sigmoid(1.702 x)); x < 0: b (e^x - 1), parameters [a, b] (arXiv 2402.08244).
 * Continuously differentiable exactly where b = 1.5 a.
 */
export const apaluRule: Rule = {
  forward(x, [a, b]) {
    const rectified = relu(x);
    const gate = sigmoid(mul(rectified, STEEPNESS));
    const gated = mul(rectified, gate);
    const positive = add(rectified, gated);
    const negative = sub(elu(x), rectified);
    return { value: add(mul(positive, a!), mul(negative, b!)), reuse: [gate, gated, positive, negative] };
  },
  backward(upstream, x, [a, b], { reuse: [gate, gated, positive, negative] }, [aNeeded, bNeeded]) {
    const positiveSlope = add(add(gate!, 1), mul(mul(gated!, STEEPNESS), sub(1, gate!)));
    const slope = where(greaterEqual(x, 0), mul(positiveSlope, a!), mul(add(negative!, 1), b!));
    return {
      x: mul(upstream, slope),
      parameters: [
        parameterGradient(a!, aNeeded!, upstream, positive!),
        parameterGradient(b!, bNeeded!, upstream, negative!),
      ],
    };
  },
};

export interface ApaluOptions extends ParameterOptions {
  /** Start value > 0 (default 0.5). */
  a?: number | undefined;
  /** Start value > 0 (default 0.75 = 1.5 a: our choice, continuously differentiable). */
  b?: number | undefined;
}

/**
 * APALU: a (x + x sigmoid(1.702 x)) where x >= 0, else b (e^x - 1) (arXiv 2402.08244).
 *
 * @param x float32, any shape
 * @param a the value itself, meant to be > 0: a number (constant), a scalar tensor or one value per channel
 * @param b as a
 */
export function apalu(x: Tensor, a: Parameter, b: Parameter): Tensor {
  return applyRule('apalu', apaluRule, x, [a, b]);
}

/** apalu(gate) * value */
export function apaluGlu(gate: Tensor, value: Tensor, a: Parameter, b: Parameter): Tensor {
  return gateRule('apalu', apaluRule, gate, value, [a, b]);
}

export function createApalu(options: ApaluOptions = {}, context: ActivationContext = {}): Activation {
  const { a = 0.5, b = 0.75 } = options;
  const parameters = [
    { name: 'a', start: a, above: 0 },
    { name: 'b', start: b, above: 0 },
  ];
  return defineActivation({ name: 'apalu', rule: apaluRule, parameters }, options, context);
}
