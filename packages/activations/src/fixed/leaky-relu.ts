import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { leakyRelu as leak, step } from '../operations.ts';
import { applyRule } from '../rule.ts';
import { type Base, ruleOf } from './base.ts';

export function leakyReluBase(negativeSlope: number): Base {
  return {
    forward: (x) => ({ value: leak(x, negativeSlope), reuse: [] }),
    slope: (x) => step(x, negativeSlope),
  };
}

/** x where x > 0, else negativeSlope x (default 0.01) */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return applyRule('leaky-relu', ruleOf(leakyReluBase(negativeSlope)), x);
}

export type LeakyReluOptions = CreatorOptions<typeof createLeakyRelu>;

export const createLeakyRelu = /* @__PURE__ */ defineTrainable({
  name: 'leaky-relu',
  title: 'Leaky ReLU',
  formula: 'x > 0: x; x <= 0: negativeSlope x, with negativeSlope 0.01 by default',
  source: 'Maas, Hannun and Ng 2013',
  smooth: false,
  options: { negativeSlope: 'number' },
  rule: ({ negativeSlope = 0.01 }) => ({ rule: ruleOf(leakyReluBase(negativeSlope)), options: { negativeSlope } }),
  call: 'leakyRelu(x, 0.01)',
  moved: { negativeSlope: 0.3 },
});
