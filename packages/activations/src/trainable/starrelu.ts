import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, mul, relu, square } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient, summedGradient } from '../tensors.ts';

const rule: Rule = {
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

/** StarReLU, s max(0, x)^2 + b (arXiv 2210.13452); s and b: a number (constant), a scalar tensor or one value per channel. */
export function starRelu(x: Tensor, s: NumberOrTensor, b: NumberOrTensor): Tensor {
  return applyRule('starrelu', rule, x, [s, b]);
}

export type StarReluOptions = CreatorOptions<typeof createStarRelu>;

export const createStarRelu = /* @__PURE__ */ defineTrainable({
  name: 'starrelu',
  title: 'StarReLU',
  formula: 's max(0, x)^2 + b',
  source: 'Yu et al. 2022, arXiv 2210.13452',
  smooth: false,
  note: "The paper's own models begin with s 0.8944 and b -0.4472, which keep unit variance for normal inputs.",
  parameters: { s: { initial: 1, meaning: 'scale' }, b: { initial: 0, meaning: 'constant' } },
  rule,
  call: 'starRelu(x, s, b)',
  moved: { s: 0.8944, b: -0.4472 },
});
