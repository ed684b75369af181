import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, mul, relu, step, sub } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

const rule: Rule = {
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

/** max(0, x) + a min(0, x) (arXiv 1502.01852); a is a number (constant), a scalar tensor or one value per channel. */
export function prelu(x: Tensor, a: NumberOrTensor): Tensor {
  return applyRule('prelu', rule, x, [a]);
}

export type PreluOptions = CreatorOptions<typeof createPrelu>;

export const createPrelu = /* @__PURE__ */ defineTrainable({
  name: 'prelu',
  title: 'PReLU',
  formula: 'max(0, x) + a min(0, x)',
  source: 'He et al. 2015, arXiv 1502.01852',
  smooth: false,
  parameters: { a: { initial: 0.25, meaning: 'slope for x < 0' } },
  rule,
  moved: { a: -0.4 },
});
