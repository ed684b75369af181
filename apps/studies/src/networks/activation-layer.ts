import { createActivation } from '@dynact/activations/registry';
import { Parameter } from '@dynact/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** An activation by name, with its options beside the name. */
export const namedActivationSchema = z.looseObject({ name: z.string() });
export type NamedActivation = z.infer<typeof namedActivationSchema>;

/** An activation between two layers, with the parameters it owns. */
export interface ActivationLayer {
  readonly parameters: readonly Parameter[];
  apply<T extends tf.Tensor>(x: T): T;
  /** Values as readers know them; the caller disposes them. */
  values(): Record<string, tf.Tensor>;
}

/** One value a parameter and layer, as the papers have them; @param prefix begins the parameters' names */
export function activationLayer(prefix: string, named: NamedActivation): ActivationLayer {
  const { name: activationName, ...options } = named;
  const activation = createActivation(activationName, options);
  const parameters = activation.parameters.map(
    ({ name, ...rest }) => new Parameter({ ...rest, name: `${prefix}.${name}`, group: 'activation' }),
  );
  const variables = () =>
    Object.fromEntries(activation.parameters.map(({ name }, index) => [name, parameters[index]!.variable]));
  return {
    parameters,
    apply: <T extends tf.Tensor>(x: T) => activation.apply(x, variables()) as T,
    values: () => activation.values(variables()),
  };
}
