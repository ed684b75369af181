import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, elu, mul, relu, square, sub } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** Slope of the linear part on both sides; the paper keeps `an` above it. */
const LINEAR = 0.5;

const rule: Rule = {
  forward(x, [positive, negative]) {
    const rectified = relu(x);
    const exponential = sub(elu(x), rectified); // e^min(x, 0) - 1
    const quadratic = square(rectified);
    const bend = add(sub(exponential, x), rectified); // e^n - 1 - n with n = min(x, 0)
    const value = add(add(mul(quadratic, positive!), mul(bend, negative!)), mul(x, LINEAR));
    return { value, reuse: [rectified, exponential, quadratic, bend] };
  },
  backward(upstream, _, [positive, negative], { reuse }, [positiveNeeded, negativeNeeded]) {
    const [rectified, exponential, quadratic, bend] = reuse;
    const slope = add(add(mul(rectified!, mul(positive!, 2)), mul(exponential!, negative!)), LINEAR);
    return {
      x: mul(upstream, slope),
      parameters: [
        parameterGradient(positive!, positiveNeeded!, upstream, quadratic!),
        parameterGradient(negative!, negativeNeeded!, upstream, bend!),
      ],
    };
  },
};

/**
 * xIELU: ap x^2 + x/2 where x > 0, else an (e^x - 1) - an x + x/2 (arXiv 2411.13010).
 *
 * @param ap the value itself, meant to be > 0: a number (constant), a scalar tensor or one value per channel
 * @param an the value itself, meant to be > 0.5; as ap
 */
export function xielu(x: Tensor, ap: NumberOrTensor, an: NumberOrTensor): Tensor {
  return applyRule('xielu', rule, x, [ap, an]);
}

export type XieluOptions = CreatorOptions<typeof createXielu>;

export const createXielu = /* @__PURE__ */ defineTrainable({
  name: 'xielu',
  title: 'xIELU',
  formula: 'x > 0: ap x^2 + x/2; x <= 0: an (e^x - 1) - an x + x/2',
  source: 'Huang and Schlag 2024, arXiv 2411.13010',
  smooth: false,
  parameters: { ap: { initial: 0.8, above: 0 }, an: { initial: 0.8, above: LINEAR } },
  rule,
  moved: { ap: 0.3, an: 1.4 },
});
