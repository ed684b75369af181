import type { Tensor } from '@tensorflow/tfjs-core';
import { type Activation, type ActivationContext, defineActivation, type ParameterOptions } from '../activation.ts';
import { InputError } from '../errors.ts';
import { add, mul, relu, step, sub } from '../operations.ts';
import { applyRule, type Parameter, type Rule } from '../rule.ts';
import { parameterGradient } from '../tensors.ts';
import { normal } from './normal.ts';

/** max(0, x) + sum_s a_s max(0, b_s - x), parameters [a1, b1, a2, b2, ...] (arXiv 1412.6830) */
export const aplRule: Rule = {
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

export interface AplOptions extends ParameterOptions {
  /** How many hinges (default 2). */
  hinges?: number | undefined;
  /** Start slopes, one per hinge (default: drawn from U(-0.5, 0.5)). */
  a?: readonly number[] | undefined;
  /** Start positions, one per hinge (default: drawn from a normal distribution of standard deviation 0.5). */
  b?: readonly number[] | undefined;
}

/**
 * APL (arXiv 1412.6830): max(0, x) + sum_s slopes_s max(0, offsets_s - x).
 * Every slope and offset is a number (constant), a scalar tensor or one value per channel.
 *
 * @throws InputError when there are not as many slopes as offsets
 */
export function apl(x: Tensor, slopes: readonly Parameter[], offsets: readonly Parameter[]): Tensor {
  if (slopes.length !== offsets.length) {
    throw new InputError(`apl: ${slopes.length} slopes and ${offsets.length} offsets; give one of each per hinge`);
  }
  return applyRule(
    'apl',
    aplRule,
    x,
    slopes.flatMap((slope, hinge) => [slope, offsets[hinge]!]),
  );
}

/** @throws InputError when hinges is not an integer >= 1 or a or b has another length */
export function createApl(options: AplOptions = {}, context: ActivationContext = {}): Activation {
  const { a, b } = options;
  const { hinges = a?.length ?? b?.length ?? 2 } = options;
  if (!Number.isInteger(hinges) || hinges < 1) {
    throw new InputError(`apl: hinges is ${hinges}; it must be an integer >= 1`);
  }
  for (const [option, starts] of Object.entries({ a, b })) {
    if (starts !== undefined && starts.length !== hinges) {
      throw new InputError(`apl: ${option} has ${starts.length} values; it must have one per hinge, ${hinges}`);
    }
  }
  const parameters = Array.from({ length: hinges }, (_, hinge) => [
    { name: `a${hinge + 1}`, start: a?.[hinge] ?? ((random: () => number) => random() - 0.5) },
    { name: `b${hinge + 1}`, start: b?.[hinge] ?? ((random: () => number) => 0.5 * normal(random)) },
  ]).flat();
  const recorded = { hinges, ...(a && { a }), ...(b && { b }) };
  const definition = { name: 'apl', rule: aplRule, parameters, options: recorded, recordStarts: false };
  return defineActivation(definition, options, context);
}
