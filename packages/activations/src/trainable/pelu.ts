import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, div, exp, expm1, mul, neg, relu, square, sub } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

const rule: Rule = {
  forward(x, [a, b]) {
    const positive = relu(x);
    const negative = sub(x, positive);
    const exponential = expm1(div(negative, b!)); // e^(min(x, 0) / b) - 1
    const value = add(mul(positive, div(a!, b!)), mul(exponential, a!));
    return { value, reuse: [positive, negative, exponential] };
  },
  backward(upstream, _, [a, b], { reuse: [positive, negative, exponential] }, [aNeeded, bNeeded]) {
    const power = exp(div(negative!, b!)); // 1 where x >= 0, so one product serves both sides
    const byB = add(positive!, mul(negative!, power));
    return {
      x: mul(upstream, mul(power, div(a!, b!))),
      parameters: [
        parameterGradient(a!, aNeeded!, upstream, add(div(positive!, b!), exponential!)),
        mul(parameterGradient(b!, bNeeded!, upstream, byB), neg(div(a!, square(b!)))),
      ],
    };
  },
};

/**
 * PELU: (a/b) x where x >= 0, else a (e^(x/b) - 1) (arXiv 1605.09332).
 *
 * @param a the value itself, meant to be > 0: a number (constant), a scalar tensor or one value per channel
 * @param b as a
 */
export function pelu(x: Tensor, a: NumberOrTensor, b: NumberOrTensor): Tensor {
  return applyRule('pelu', rule, x, [a, b]);
}

export type PeluOptions = CreatorOptions<typeof createPelu>;

export const createPelu = /* @__PURE__ */ defineTrainable({
  name: 'pelu',
  title: 'PELU',
  formula: 'x >= 0: (a / b) x; x < 0: a (e^(x / b) - 1)',
  source: 'Trottier, Giguere and Chaib-draa 2016, arXiv 1605.09332',
  smooth: false,
  note: 'The paper keeps a and b >= 0.1 by clipping; softplus does it without a dead zone.',
  parameters: { a: { initial: 1, above: 0 }, b: { initial: 1, above: 0 } },
  rule,
  moved: { a: 2, b: 1.5 },
});
