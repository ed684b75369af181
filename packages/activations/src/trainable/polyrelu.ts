import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, mul, relu, step } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient, summedGradient } from '../tensors.ts';

const ORDER = 3;

const rule: Rule = {
  forward(x, [a0, a1, a2, a3]) {
    const rectified = relu(x);
    const value = add(mul(add(mul(add(mul(rectified, a3!), a2!), rectified), a1!), rectified), a0!);
    return { value, reuse: [rectified] };
  },
  backward(upstream, _, parameters, { reuse }, needed) {
    const [a0, a1, a2, a3] = parameters as [Tensor, Tensor, Tensor, Tensor];
    const rectified = reuse[0]!;
    const inner = add(mul(rectified, mul(a3, 3)), mul(a2, 2));
    const slope = mul(add(mul(inner, rectified), a1), step(rectified));
    const gradients = [summedGradient(a0, needed[0]!, upstream)];
    let weighted = upstream;
    for (let power = 1; power <= ORDER; power++) {
      gradients.push(parameterGradient(parameters[power]!, needed[power]!, weighted, rectified));
      if (power < ORDER) weighted = mul(weighted, rectified);
    }
    return { x: mul(upstream, slope), parameters: gradients };
  },
};

/** PolyReLU of order 3 (arXiv 2411.03884): sum of a_i max(0, x)^i; each a_i a number (constant), a scalar tensor or one value per channel. */
export function polyRelu(
  x: Tensor,
  a0: NumberOrTensor,
  a1: NumberOrTensor,
  a2: NumberOrTensor,
  a3: NumberOrTensor,
): Tensor {
  return applyRule('polyrelu', rule, x, [a0, a1, a2, a3]);
}

export type PolyReluOptions = CreatorOptions<typeof createPolyRelu>;

export const createPolyRelu = /* @__PURE__ */ defineTrainable({
  name: 'polyrelu',
  title: 'PolyReLU',
  formula: 'a0 + a1 r + a2 r^2 + a3 r^3 with r = max(0, x)',
  source: 'Zhuo et al. 2024, arXiv 2411.03884',
  smooth: false,
  parameters: {
    a0: { initial: 0 },
    a1: { initial: 1 / ORDER },
    a2: { initial: 1 / ORDER },
    a3: { initial: 1 / ORDER },
  },
  rule,
  call: 'polyRelu(x, a0, a1, a2, a3)',
  moved: { a0: -0.5, a1: 1, a2: -0.5, a3: 0.1 },
});
