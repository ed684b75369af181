import { linear } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import { activationLayer, type NamedActivation } from './activation-layer.ts';
import type { Network } from './network.ts';

/**
 * Dense layers of one width with an activation after each, and a linear one to the outputs; no normalization and no
 * short cuts, so that depth itself is what is tested. Glorot's deviation sqrt(2 / (inputs + outputs)), biases 0.
 */
export function denseNetwork(options: {
  inputs: number;
  width: number;
  layers: number;
  outputs: number;
  activation: NamedActivation;
}): Network {
  const { inputs, width, layers, outputs, activation } = options;
  const dense = (name: string, from: number, to: number) =>
    linear(name, { inputs: from, outputs: to, standardDeviation: Math.sqrt(2 / (from + to)), bias: true });
  const blocks = Array.from({ length: layers }, (_, layer) => ({
    dense: dense(`layers.${layer}`, layer === 0 ? inputs : width, width),
    activation: activationLayer(`layers.${layer}.activation`, activation),
  }));
  const output = dense('output', width, outputs);
  return {
    parameters: [
      ...blocks.flatMap((layer) => [...layer.dense.parameters, ...layer.activation.parameters]),
      ...output.parameters,
    ],
    apply(x) {
      const [batch = 0] = x.shape;
      let rows: tf.Tensor2D = tf.reshape(x, [batch, inputs]);
      for (const layer of blocks) rows = layer.activation.apply(layer.dense.apply(rows));
      return output.apply(rows);
    },
    activationValues: blocks.map((layer) => layer.activation.values),
  };
}
