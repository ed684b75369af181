import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { abs, add, div, mul, neg } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

const rule: Rule = {
  forward(x, [a, b]) {
    const denominator = add(abs(x), b!);
    const ratio = div(x, denominator);
    return { value: mul(ratio, a!), reuse: [denominator, ratio] };
  },
  backward(upstream, _, [a, b], { reuse: [denominator, ratio] }, [aNeeded, bNeeded]) {
    const shared = div(div(upstream, denominator!), denominator!);
    return {
      x: mul(shared, mul(a!, b!)),
      parameters: [
        parameterGradient(a!, aNeeded!, upstream, ratio!),
        mul(parameterGradient(b!, bNeeded!, div(upstream, denominator!), ratio!), neg(a!)),
      ],
    };
  },
};

/**
 * ScaledSoftSign, a x / (b + |x|) (Pishchik 2023).
 *
 * @param a a number (constant), a scalar tensor or one value per channel
 * @param b the value itself, meant to be > 0; as a
 */
export function scaledSoftSign(x: Tensor, a: NumberOrTensor, b: NumberOrTensor): Tensor {
  return applyRule('scaled-softsign', rule, x, [a, b]);
}

export type ScaledSoftSignOptions = CreatorOptions<typeof createScaledSoftSign>;

export const createScaledSoftSign = /* @__PURE__ */ defineTrainable({
  name: 'scaled-softsign',
  title: 'ScaledSoftSign',
  formula: 'a x / (b + |x|)',
  source: 'Pishchik 2023, Trainable Activations for Image Classification',
  smooth: false,
  note: 'The paper leaves b free; here it is kept > 0, because the function has a pole otherwise.',
  parameters: { a: { initial: 1, meaning: 'height' }, b: { initial: 1, above: 0 } },
  rule,
  call: 'scaledSoftSign(x, a, b)',
  moved: { a: 2, b: 0.5 },
});
