import { createActivation } from '@dynact/activations/registry';
import { type Layer, linear, Parameter } from '@dynact/nn';
import type * as tf from '@tensorflow/tfjs-core';
import type { ResolvedModelConfig } from '../config/resolve.ts';

/** The feed-forward block of one layer. */
export interface FeedForward extends Layer {
  /** The activation's parameters by their own names, after reparametrization; the caller disposes them. */
  activationValues(): Record<string, tf.Tensor>;
}

/** down(activation(gate x) * up x), or down(activation(up x)) in a plain block. */
export function feedForward(name: string, config: ResolvedModelConfig, layer: number): FeedForward {
  const { width, bias, initialization } = config;
  const { gated, hiddenWidth, activation: named } = config.feedForwards[layer]!;
  const { standardDeviation, residualStandardDeviation } = initialization;
  const into = { inputs: width, outputs: hiddenWidth, standardDeviation, bias };
  const outOf = { inputs: hiddenWidth, outputs: width, standardDeviation: residualStandardDeviation, bias };
  const gate = gated ? linear(`${name}.gate`, into) : undefined;
  const up = linear(`${name}.up`, into);
  const down = linear(`${name}.down`, outOf);

  const { name: activationName, ...options } = named;
  const activation = createActivation(activationName, options, { channels: hiddenWidth });
  const own = activation.parameters.map(
    ({ name: parameterName, shape, trainable, learningRateMultiplier, initialize }) =>
      new Parameter({
        name: `${name}.activation.${parameterName}`,
        shape,
        group: 'activation',
        trainable,
        learningRateMultiplier,
        initialize,
      }),
  );
  const variables = (): Record<string, tf.Tensor> =>
    Object.fromEntries(activation.parameters.map((parameter, index) => [parameter.name, own[index]!.variable]));

  return {
    parameters: [...(gate?.parameters ?? []), ...up.parameters, ...down.parameters, ...own],
    apply(x) {
      const raised = up.apply(x);
      const middle =
        gate === undefined
          ? activation.apply(raised, variables())
          : activation.gate(gate.apply(x), raised, variables());
      return down.apply(middle as tf.Tensor2D);
    },
    activationValues: () => activation.values(variables()),
  };
}
