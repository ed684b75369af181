import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { InputError } from '../errors.ts';
import { add, mul, neg, relu, step, sub } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/**
 * Three straight pieces: slope al below tl, 1 between, ar above tr; parameters [tl, al, tr, ar] (arXiv 1512.07030).
 * It stays the paper's function as long as tl <= tr.
 */
export const sreluRule: Rule = {
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

export interface SreluOptions extends ParameterOptions {
  /** Start of the left threshold (default 0). */
  tl?: number | undefined;
  /** Start of the left slope (default: drawn from U(0, 1)). */
  al?: number | undefined;
  /** Start of the right threshold, >= tl (default: drawn from tl + U(0, 5)). */
  tr?: number | undefined;
  /** Start of the right slope (default 1). */
  ar?: number | undefined;
}

/**
 * SReLU (arXiv 1512.07030): tl + al (x - tl) where x <= tl, x between, tr + ar (x - tr) where x >= tr.
 * Every parameter is a number (constant), a scalar tensor or one value per channel; tl <= tr.
 */
export function srelu(x: Tensor, tl: Parameter, al: Parameter, tr: Parameter, ar: Parameter): Tensor {
  return applyRule('srelu', sreluRule, x, [tl, al, tr, ar]);
}

/** @throws InputError when tr < tl */
export function createSrelu(options: SreluOptions = {}, context: ActivationContext = {}): Activation {
  const { tl = 0, al, tr, ar = 1 } = options;
  if (tr !== undefined && tr < tl) throw new InputError(`srelu: tr is ${tr}; it must be a number >= tl, ${tl}`);
  const parameters = [
    { name: 'tl', start: tl },
    { name: 'al', start: al ?? ((random: () => number) => random()) },
    { name: 'tr', start: tr ?? ((random: () => number) => tl + 5 * random()) },
    { name: 'ar', start: ar },
  ];
  return defineActivation({ name: 'srelu', rule: sreluRule, parameters }, options, context);
}
