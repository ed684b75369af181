import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { abs, add, div, mul, relu, sigmoid, square, step, sub, tanh } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

const rule: Rule = {
  forward(x, [w1, w2, w3, w4]) {
    const distance = add(abs(x), 1);
    const functions = [relu(x), sigmoid(x), tanh(x), div(x, distance)] as const;
    const [rectified, logistic, hyperbolic, softSign] = functions;
    const first = add(mul(rectified, w1!), mul(logistic, w2!));
    const value = add(add(first, mul(hyperbolic, w3!)), mul(softSign, w4!));
    return { value, reuse: [...functions, distance] };
  },
  backward(upstream, x, parameters, { reuse }, needed) {
    const [rectified, logistic, hyperbolic, softSign, distance] = reuse as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const [w1, w2, w3, w4] = parameters as [Tensor, Tensor, Tensor, Tensor];
    const logisticSlope = sub(logistic, square(logistic));
    const hyperbolicSlope = sub(1, square(hyperbolic));
    const first = add(mul(step(x), w1), mul(logisticSlope, w2));
    const slope = add(add(first, mul(hyperbolicSlope, w3)), div(w4, square(distance)));
    const functions = [rectified, logistic, hyperbolic, softSign];
    return {
      x: mul(upstream, slope),
      parameters: parameters.map((weight, index) =>
        parameterGradient(weight, needed[index]!, upstream, functions[index]!),
      ),
    };
  },
};

/** LinComb (Pishchik 2023) of ReLU, sigmoid, tanh and soft sign; each weight a number (constant), a scalar tensor or one value per channel. */
export function linComb(
  x: Tensor,
  w1: NumberOrTensor,
  w2: NumberOrTensor,
  w3: NumberOrTensor,
  w4: NumberOrTensor,
): Tensor {
  return applyRule('lincomb', rule, x, [w1, w2, w3, w4]);
}

export type LinCombOptions = CreatorOptions<typeof createLinComb>;

export const createLinComb = /* @__PURE__ */ defineTrainable({
  name: 'lincomb',
  title: 'LinComb',
  formula: 'w1 max(0, x) + w2 s(x) + w3 tanh(x) + w4 x / (1 + |x|)',
  source: 'Pishchik 2023, Trainable Activations for Image Classification',
  smooth: false,
  parameters: {
    w1: { initial: 0.25, meaning: 'weight of ReLU' },
    w2: { initial: 0.25, meaning: 'weight of the sigmoid' },
    w3: { initial: 0.25, meaning: 'weight of tanh' },
    w4: { initial: 0.25, meaning: 'weight of soft sign' },
  },
  rule,
  call: 'linComb(x, w1, w2, w3, w4)',
  moved: { w1: 0.6, w2: -0.5, w3: 0.6, w4: 0.3 },
});
