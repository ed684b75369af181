import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { minimum, mul, relu, step, sub } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

const rule: Rule = {
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

/** ReLUN, min(max(0, x), a) (Pishchik 2023); a: a number (constant), a scalar tensor or one value per channel. */
export function relun(x: Tensor, a: NumberOrTensor): Tensor {
  return applyRule('relun', rule, x, [a]);
}

export type RelunOptions = CreatorOptions<typeof createRelun>;

export const createRelun = /* @__PURE__ */ defineTrainable({
  name: 'relun',
  title: 'ReLUN',
  formula: 'min(max(0, x), a)',
  source: 'Pishchik 2023, Trainable Activations for Image Classification',
  smooth: false,
  parameters: { a: { initial: 1, meaning: 'ceiling' } },
  rule,
  moved: { a: 3 },
});
