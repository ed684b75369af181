import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { add, mul, sigmoid, sub } from '../operations.ts';
import { normal } from '../random.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

const rule: Rule = {
  forward(x, [p1, p2, beta]) {
    const spread = mul(x, sub(p1!, p2!));
    const gate = sigmoid(mul(spread, beta!));
    return { value: add(mul(spread, gate), mul(x, p2!)), reuse: [spread, gate] };
  },
  backward(upstream, x, [p1, p2, beta], { reuse: [spread, gate] }, [p1Needed, p2Needed, betaNeeded]) {
    const fall = mul(mul(spread!, gate!), sub(1, gate!));
    const bend = add(gate!, mul(fall, beta!)); // the derivative of z sigmoid(beta z) at z = (p1 - p2) x
    const p1Gradient = parameterGradient(p1!, p1Needed! || p2Needed!, upstream, mul(x, bend));
    return {
      x: mul(upstream, add(mul(bend, sub(p1!, p2!)), p2!)),
      parameters: [
        p1Gradient,
        sub(parameterGradient(p2!, p2Needed!, upstream, x), p1Gradient),
        parameterGradient(beta!, betaNeeded!, upstream, mul(spread!, fall)),
      ],
    };
  },
};

/**
 * ACON-C (arXiv 2009.04759): (p1 - p2) x sigmoid(beta (p1 - p2) x) + p2 x. With p1 1 and p2 0 it is Swish-beta.
 * Every parameter is a number (constant), a scalar tensor or one value per channel.
 */
export function aconC(x: Tensor, p1: NumberOrTensor, p2: NumberOrTensor, beta: NumberOrTensor): Tensor {
  return applyRule('acon-c', rule, x, [p1, p2, beta]);
}

export type AconCOptions = CreatorOptions<typeof createAconC>;

export const createAconC = /* @__PURE__ */ defineTrainable({
  name: 'acon-c',
  title: 'ACON-C',
  formula: '(p1 - p2) x s(beta (p1 - p2) x) + p2 x',
  source: 'Ma et al. 2020, arXiv 2009.04759',
  smooth: true,
  note: "The paper has one set of parameters per channel: scope 'channel'.",
  parameters: {
    p1: { initial: normal, meaning: 'slope on the right for large beta; initially drawn from N(0, 1)' },
    p2: { initial: normal, meaning: 'slope on the left for large beta; initially drawn from N(0, 1)' },
    beta: { initial: 1, meaning: 'steepness' },
  },
  rule,
  drawn: { p1: 1, p2: 0 },
  moved: { p1: 1.2, p2: -0.4, beta: 2 },
});
