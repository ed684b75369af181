import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { InputError } from '../errors.ts';
import { add, mul, neg, relu, step, sub } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** Slope al below tl, 1 between, ar above tr: the paper's function as long as tl <= tr. */
const rule: Rule = {
  forward(x, [tl, al, tr, ar]) {
    const below = neg(relu(sub(tl!, x)));
    const above = relu(sub(x, tr!));
    const value = add(x, add(mul(below, sub(al!, 1)), mul(above, sub(ar!, 1))));
    return { value, reuse: [below, above] };
  },
  backward(upstream, _, [tl, al, tr, ar], { reuse: [below, above] }, needed) {
    const left = step(neg(below!));
    const right = step(above!);
    const slope = add(add(mul(left, sub(al!, 1)), mul(right, sub(ar!, 1))), 1);
    return {
      x: mul(upstream, slope),
      parameters: [
        mul(parameterGradient(tl!, needed[0]!, upstream, left), sub(1, al!)),
        parameterGradient(al!, needed[1]!, upstream, below!),
        mul(parameterGradient(tr!, needed[2]!, upstream, right), sub(1, ar!)),
        parameterGradient(ar!, needed[3]!, upstream, above!),
      ],
    };
  },
};

/**
 * SReLU (arXiv 1512.07030): tl + al (x - tl) where x <= tl, x between, tr + ar (x - tr) where x >= tr.
 * Every parameter is a number (constant), a scalar tensor or one value per channel; tl <= tr.
 */
export function srelu(
  x: Tensor,
  tl: NumberOrTensor,
  al: NumberOrTensor,
  tr: NumberOrTensor,
  ar: NumberOrTensor,
): Tensor {
  return applyRule('srelu', rule, x, [tl, al, tr, ar]);
}

export type SreluOptions = CreatorOptions<typeof createSrelu>;

export const createSrelu = /* @__PURE__ */ defineTrainable({
  name: 'srelu',
  title: 'SReLU',
  formula: 'x <= tl: tl + al (x - tl); tl < x < tr: x; x >= tr: tr + ar (x - tr)',
  source: 'Jin et al. 2015, arXiv 1512.07030',
  smooth: false,
  options: { tl: 'number', al: 'number', tr: 'number', ar: 'number' },
  rule({ tl = 0, al, tr, ar = 1 }) {
    if (tr !== undefined && tr < tl) throw new InputError(`srelu: tr is ${tr}; it must be a number >= tl, ${tl}`);
    return {
      rule,
      parameters: {
        tl: { initial: tl, meaning: 'left threshold' },
        al: { initial: al ?? ((random) => random()), meaning: 'left slope; drawn from U(0, 1)' },
        tr: {
          initial: tr ?? ((random) => tl + 5 * random()),
          meaning: 'right threshold, >= tl; drawn from U(tl, tl + 5)',
        },
        ar: { initial: ar, meaning: 'right slope' },
      },
    };
  },
  drawn: { al: 0.5, tr: 2.5 },
  moved: { tl: -1.5, al: 0.2, tr: 1.5, ar: 0.5 },
});
