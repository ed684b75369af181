import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, mul, relu, step } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient, summedGradient } from '../tensors.ts';

const rule: Rule = {
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

/** ShiLU, a max(0, x) + b (Pishchik 2023); a and b: a number (constant), a scalar tensor or one value per channel. */
export function shilu(x: Tensor, a: NumberOrTensor, b: NumberOrTensor): Tensor {
  return applyRule('shilu', rule, x, [a, b]);
}

export type ShiluOptions = CreatorOptions<typeof createShilu>;

export const createShilu = /* @__PURE__ */ defineTrainable({
  name: 'shilu',
  title: 'ShiLU',
  formula: 'a max(0, x) + b',
  source: 'Pishchik 2023, Trainable Activations for Image Classification',
  smooth: false,
  parameters: { a: { initial: 1, meaning: 'slope' }, b: { initial: 1, meaning: 'constant' } },
  rule,
  moved: { a: 0.6, b: -0.5 },
});
