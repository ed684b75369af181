import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, mul, sigmoid, sub } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

const rule: Rule = {
  forward(x, [beta]) {
    const scaled = mul(x, beta!);
    const gate = sigmoid(scaled);
    return { value: mul(x, gate), reuse: [scaled, gate] };
  },
  backward(upstream, x, [beta], { value, reuse: [scaled, gate] }, [needed]) {
    const fall = sub(1, gate!);
    const slope = add(gate!, mul(mul(scaled!, gate!), fall));
    return {
      x: mul(upstream, slope),
      parameters: [parameterGradient(beta!, needed!, upstream, mul(mul(x, value), fall))],
    };
  },
};

/** x sigmoid(beta x) (arXiv 1710.05941); beta is a number (constant), a scalar tensor or one value per channel. */
export function swishBeta(x: Tensor, beta: NumberOrTensor): Tensor {
  return applyRule('swish-beta', rule, x, [beta]);
}

export type SwishBetaOptions = CreatorOptions<typeof createSwishBeta>;

export const createSwishBeta = /* @__PURE__ */ defineTrainable({
  name: 'swish-beta',
  title: 'Swish-beta',
  formula: 'x s(beta x)',
  source: 'Ramachandran, Zoph and Le 2017, arXiv 1710.05941',
  smooth: true,
  parameters: { beta: { initial: 1, meaning: 'steepness; 1 is SiLU' } },
  rule,
  moved: { beta: 3 },
});
