import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, div, mean, mul, sqrt, square, sub } from '../operations.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient, summedGradient } from '../tensors.ts';

const ORDER = 3;
const EPSILON = 1e-6;

/** Not elementwise: each output depends on its whole row. */
const rule: Rule = {
  forward(x, parameters) {
    let value: Tensor | undefined;
    let power = x;
    const reuse: Tensor[] = [];
    for (let order = 1; order <= ORDER; order++) {
      if (order > 1) power = mul(power, x);
      const root = sqrt(add(mean(square(power), -1, true), EPSILON));
      const normed = div(power, root);
      const term = mul(normed, parameters[order - 1]!);
      value = value === undefined ? term : add(value, term);
      reuse.push(root, normed);
    }
    return { value: add(value!, parameters[ORDER]!), reuse };
  },
  backward(upstream, x, parameters, { reuse }, needed) {
    let slope: Tensor | undefined;
    let powerSlope: Tensor | undefined; // of x^order, as a factor of x's gradient
    const gradients: Tensor[] = [];
    for (let order = 1; order <= ORDER; order++) {
      const [root, normed] = [reuse[2 * order - 2]!, reuse[2 * order - 1]!];
      gradients.push(parameterGradient(parameters[order - 1]!, needed[order - 1]!, upstream, normed));
      const weighted = mul(upstream, parameters[order - 1]!);
      const projected = sub(weighted, mul(normed, mean(mul(weighted, normed), -1, true)));
      const byPower = div(projected, root);
      if (order > 1) powerSlope = powerSlope === undefined ? x : mul(powerSlope, x);
      const part = powerSlope === undefined ? byPower : mul(mul(byPower, powerSlope), order);
      slope = slope === undefined ? part : add(slope, part);
    }
    gradients.push(summedGradient(parameters[ORDER]!, needed[ORDER]!, upstream));
    return { x: slope!, parameters: gradients };
  },
};

/**
 * PolyNorm of order 3 (arXiv 2411.03884), normalized over the last axis of x.
 * Every parameter is a number (constant), a scalar tensor or one value per channel.
 */
export function polyNorm(
  x: Tensor,
  w1: NumberOrTensor,
  w2: NumberOrTensor,
  w3: NumberOrTensor,
  b: NumberOrTensor,
): Tensor {
  return applyRule('polynorm', rule, x, [w1, w2, w3, b]);
}

export type PolyNormOptions = CreatorOptions<typeof createPolyNorm>;

export const createPolyNorm = /* @__PURE__ */ defineTrainable({
  name: 'polynorm',
  title: 'PolyNorm',
  formula: 'w1 n(x) + w2 n(x^2) + w3 n(x^3) + b with n(u) = u / sqrt(mean(u^2) + 1e-6) over the last axis',
  source: 'Zhuo et al. 2024, arXiv 2411.03884',
  smooth: true,
  note: 'Not elementwise: every output depends on its whole row, so its picture is that of one row of x values.',
  parameters: {
    w1: { initial: 1 / ORDER },
    w2: { initial: 1 / ORDER },
    w3: { initial: 1 / ORDER },
    b: { initial: 0 },
  },
  rule,
  call: 'polyNorm(x, w1, w2, w3, b)',
  moved: { w1: 1, w2: -0.5, w3: 0.2, b: 0.5 },
});
