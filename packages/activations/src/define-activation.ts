import type { Tensor } from '@tensorflow/tfjs-core';
import type { ParameterDefinition } from './activation.ts';
import {
  type ActivationCreator,
  type ActivationDocumentation,
  defineTrainable,
  type TrainableOptions,
} from './definition.ts';
import { InputError } from './errors.ts';
import { mul } from './operations.ts';
import type { Forward, Rule } from './rule.ts';
import { parameterGradient } from './tensors.ts';

export interface ActivationDefinition<Name extends string>
  extends Partial<Pick<ActivationDocumentation, 'title' | 'formula' | 'source' | 'smooth' | 'note'>> {
  /** Letters, digits, "-" and "_": what configurations and files call it. */
  readonly name: string;
  /** By name: the initial value, and a bound where the value must stay above one. */
  readonly parameters?: Readonly<Record<Name, ParameterDefinition>>;
  /** f(x), of x's shape, of TensorFlow.js operations. Parameters are scalars or one value per channel, x's last axis. */
  value(x: Tensor, parameters: Readonly<Record<Name, Tensor>>): Tensor;
  /**
   * Derivatives of f(x) by x and by each parameter, element by element and of x's shape, where f is elementwise. Left out,
   * TensorFlow.js differentiates `value` by its own gradients, which `import '@tensorflow/tfjs'` registers; differentiated
   * once more, those of tanh, sigmoid and exp are wrong.
   */
  gradient?(x: Tensor, parameters: Readonly<Record<Name, Tensor>>): Readonly<Record<Name | 'x', Tensor>>;
}

/** Names that mean something else beside a parameter's, in options and in gradients. */
const RESERVED = ['name', 'x', 'scope', 'frozen', 'learningRateMultiplier'];

/**
 * An activation of one's own, plain or as a gate, as good as a built-in one: what this returns makes it, as
 * `createDynActivation` does, and `registerActivation` of the registry gives it its name there.
 *
 *     const xTanh = defineActivation({ name: 'x-tanh', parameters: { c: { initial: 1 } }, value: (x, { c }) => tf.mul(x, tf.tanh(tf.mul(x, c))) });
 *     const activation = new OwnedActivation(xTanh({ c: 0.5 }));
 *
 * @throws InputError for a name that cannot be one; what it makes throws InputError where value or gradient throws or gives a wrong shape
 */
export function defineActivation<Name extends string = never>(
  own: ActivationDefinition<Name>,
): ActivationCreator<TrainableOptions<Name>> {
  const { name, parameters, value, gradient, ...text } = own;
  const names = Object.keys(parameters ?? {}) as Name[];
  for (const used of [name, ...names]) {
    if (typeof used !== 'string' || !/^[a-z][\w-]*$/i.test(used) || RESERVED.includes(used)) {
      const known = `a letter, then letters, digits, "-" or "_", and none of ${RESERVED.join(', ')}`;
      throw new InputError(`defineActivation: ${JSON.stringify(used)} names nothing; use ${known}`);
    }
  }
  const named = (tensors: readonly Tensor[]) =>
    Object.fromEntries(names.map((name, index) => [name, tensors[index]!])) as Record<Name, Tensor>;
  const rule: Rule | Forward = {
    forward: (x, tensors) => {
      const result = tried(name, 'value', () => value(x, named(tensors)));
      return { value: ofShape(x, result, `${name}: value`), reuse: [] };
    },
    ...(gradient && {
      backward(upstream, x, tensors, _, needed) {
        const result = tried(name, 'gradient', () => gradient(x, named(tensors)));
        const derivative = (by: Name | 'x') => ofShape(x, result?.[by], `${name}: gradient by ${by}`);
        return {
          x: mul(upstream, derivative('x')),
          parameters: names.map((name, index) =>
            parameterGradient(tensors[index]!, needed[index]!, upstream, derivative(name)),
          ),
        };
      },
    }),
  };
  const unknown = { title: name, formula: 'of its own', source: 'defineActivation', smooth: false };
  return defineTrainable({ ...unknown, ...text, name, rule, ...(parameters && { parameters }) });
}

function tried<Result>(name: string, part: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    const [message] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    throw new InputError(`${name}: ${part} throws: ${message}`, { cause: error });
  }
}

function ofShape(x: Tensor, result: Tensor | undefined, what: string): Tensor {
  const given = Array.isArray(result?.shape) ? `${result.dtype} [${result.shape}]` : 'no tensor';
  const wanted = `float32 [${x.shape}]`;
  if (result === undefined || given !== wanted)
    throw new InputError(`${what} is ${given}; it must be ${wanted}, as x is`);
  return result;
}
