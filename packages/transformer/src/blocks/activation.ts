import { createActivation } from '@dynact/activations/registry';
import { Parameter } from '@dynact/nn';
import type * as tf from '@tensorflow/tfjs-core';
import type { NamedActivation } from '../config/own-feed-forward.ts';

/** An activation of one layer. */
export interface BlockActivation {
  readonly parameters: readonly Parameter[];
  /** f(x), of x's shape */
  apply(x: tf.Tensor2D): tf.Tensor2D;
  /** f(gate) * value, of their shape */
  gate(gate: tf.Tensor2D, value: tf.Tensor2D): tf.Tensor2D;
  /** Its parameters by their own names, after reparametrization; the caller disposes them. */
  values(): Record<string, tf.Tensor>;
}

/** @param name begins the names of its parameters @param channels features that it works on */
export function blockActivation(name: string, named: NamedActivation, channels: number): BlockActivation {
  const { name: activationName, ...options } = named;
  const activation = createActivation(activationName, options, { channels });
  const parameters = activation.parameters.map(
    ({ name: parameterName, shape, trainable, learningRateMultiplier, initialize }) =>
      new Parameter({
        name: `${name}.${parameterName}`,
        shape,
        group: 'activation',
        trainable,
        learningRateMultiplier,
        initialize,
      }),
  );
  const variables = (): Record<string, tf.Tensor> =>
    Object.fromEntries(activation.parameters.map((parameter, index) => [parameter.name, parameters[index]!.variable]));
  return {
    parameters,
    apply: (x) => activation.apply(x, variables()) as tf.Tensor2D,
    gate: (gate, value) => activation.gate(gate, value, variables()) as tf.Tensor2D,
    values: () => activation.values(variables()),
  };
}
