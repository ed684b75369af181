import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, elu, greaterEqual, mul, relu, sigmoid, sub, where } from '../operations.ts';
import { applyRule, gateRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

const STEEPNESS = 1.702;

const rule: Rule = {
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

/**
 * APALU: a (x + x sigmoid(1.702 x)) where x >= 0, else b (e^x - 1) (arXiv 2402.08244).
 *
 * @param x float32, any shape
 * @param a the value itself, meant to be > 0: a number (constant), a scalar tensor or one value per channel
 * @param b as a
 */
export function apalu(x: Tensor, a: NumberOrTensor, b: NumberOrTensor): Tensor {
  return applyRule('apalu', rule, x, [a, b]);
}

/** apalu(gate) * value */
export function apaluGlu(gate: Tensor, value: Tensor, a: NumberOrTensor, b: NumberOrTensor): Tensor {
  return gateRule('apalu', rule, gate, value, [a, b]);
}

export type ApaluOptions = CreatorOptions<typeof createApalu>;

export const createApalu = /* @__PURE__ */ defineTrainable({
  name: 'apalu',
  title: 'APALU',
  formula: 'x >= 0: a (x + x s(1.702 x)); x < 0: b (e^x - 1)',
  source: 'arXiv 2402.08244',
  smooth: false,
  note: 'Continuously differentiable exactly where b = 1.5 a, which is why our initial values are 0.5 and 0.75.',
  parameters: { a: { initial: 0.5, above: 0 }, b: { initial: 0.75, above: 0 } },
  rule,
  moved: { a: 0.9, b: 0.4 },
});
