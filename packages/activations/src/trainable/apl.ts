import type { Tensor } from '@tensorflow/tfjs-core';
import { type CreatorOptions, defineTrainable } from '../definition.ts';
import { InputError } from '../errors.ts';
import { add, mul, relu, step, sub } from '../operations.ts';
import { normal } from '../random.ts';
import { applyRule, type NumberOrTensor, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';

/** Parameters are [a1, b1, a2, b2, ...]. */
const rule: Rule = {
  forward(x, parameters) {
    let value = relu(x);
    const reuse: Tensor[] = [];
    for (let index = 0; index < parameters.length; index += 2) {
      const hinge = relu(sub(parameters[index + 1]!, x));
      value = add(value, mul(hinge, parameters[index]!));
      reuse.push(hinge);
    }
    return { value, reuse };
  },
  backward(upstream, x, parameters, { reuse }, needed) {
    let slope: Tensor = step(x);
    const gradients: Tensor[] = [];
    for (const [hinge, tensor] of reuse.entries()) {
      const [a, b] = [parameters[2 * hinge]!, parameters[2 * hinge + 1]!];
      const open = step(tensor);
      slope = sub(slope, mul(open, a));
      gradients.push(
        parameterGradient(a, needed[2 * hinge]!, upstream, tensor),
        mul(parameterGradient(b, needed[2 * hinge + 1]!, upstream, open), a),
      );
    }
    return { x: mul(upstream, slope), parameters: gradients };
  },
};

/**
 * APL (arXiv 1412.6830): max(0, x) + sum_s slopes_s max(0, offsets_s - x).
 * Every slope and offset is a number (constant), a scalar tensor or one value per channel.
 *
 * @throws InputError when there are not as many slopes as offsets
 */
export function apl(x: Tensor, slopes: readonly NumberOrTensor[], offsets: readonly NumberOrTensor[]): Tensor {
  if (slopes.length !== offsets.length) {
    throw new InputError(`apl: ${slopes.length} slopes and ${offsets.length} offsets; give one of each per hinge`);
  }
  const pairs = slopes.flatMap((slope, hinge) => [slope, offsets[hinge]!]);
  return applyRule('apl', rule, x, pairs);
}

export type AplOptions = CreatorOptions<typeof createApl>;

export const createApl = /* @__PURE__ */ defineTrainable({
  name: 'apl',
  title: 'APL, adaptive piecewise linear unit',
  formula: 'max(0, x) + sum over hinges i of ai max(0, bi - x)',
  source: 'Agostinelli et al. 2014, arXiv 1412.6830',
  smooth: false,
  note: 'Option hinges says how many (default 2); options a and b give initial values, one per hinge.',
  options: { hinges: 'number', a: 'numbers', b: 'numbers' },
  rule({ a, b, hinges = a?.length ?? b?.length ?? 2 }) {
    if (!Number.isInteger(hinges) || hinges < 1) {
      throw new InputError(`apl: hinges is ${hinges}; it must be an integer >= 1`);
    }
    for (const [option, initials] of Object.entries({ a, b })) {
      if (initials !== undefined && initials.length !== hinges) {
        throw new InputError(`apl: ${option} has ${initials.length} values; it must have one per hinge, ${hinges}`);
      }
    }
    const slope = { initial: (random: () => number) => random() - 0.5, meaning: 'slope; drawn from U(-0.5, 0.5)' };
    const offset = {
      initial: (random: () => number) => 0.5 * normal(random),
      meaning: 'position; drawn from N(0, 0.25)',
    };
    const parameters = Array.from({ length: hinges }, (_, hinge) => [
      [`a${hinge + 1}`, { ...slope, ...(a && { initial: a[hinge]! }) }] as const,
      [`b${hinge + 1}`, { ...offset, ...(b && { initial: b[hinge]! }) }] as const,
    ]).flat();
    const options = { hinges, ...(a && { a }), ...(b && { b }) };
    return { rule, parameters: Object.fromEntries(parameters), options };
  },
  call: 'apl(x, [a1, a2], [b1, b2])',
  drawn: { a: [0.2, -0.2], b: [0.5, -0.5] },
  moved: { a: [0.6, -0.5], b: [1.5, -1.5] },
});
