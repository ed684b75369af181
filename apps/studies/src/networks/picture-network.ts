import { convolution, linear } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import { activationLayer, type NamedActivation } from './activation-layer.ts';
import type { Network } from './network.ts';

/**
 * Convolutions of 3 x 3 with an activation and a 2 x 2 maximum after each, and a linear layer to the outputs: the smallest
 * network that treats a picture as one.
 */
export function pictureNetwork(options: {
  channels: number;
  side: number;
  features: readonly number[];
  outputs: number;
  activation: NamedActivation;
}): Network<tf.Tensor4D> {
  const { channels, side, features, outputs, activation } = options;
  const blocks = features.map((count, index) => ({
    convolve: convolution(`blocks.${index}`, {
      inputs: features[index - 1] ?? channels,
      outputs: count,
      size: 3,
      bias: true,
    }),
    activation: activationLayer(`blocks.${index}.activation`, activation),
  }));
  const left = features.reduce((size) => Math.ceil(size / 2), side);
  const flat = left * left * features.at(-1)!;
  const standardDeviation = Math.sqrt(2 / (flat + outputs));
  const output = linear('output', { inputs: flat, outputs, standardDeviation, bias: true });
  return {
    parameters: [
      ...blocks.flatMap((block) => [...block.convolve.parameters, ...block.activation.parameters]),
      ...output.parameters,
    ],
    apply(x) {
      let map = x;
      for (const block of blocks) map = tf.maxPool(block.activation.apply(block.convolve.apply(map)), 2, 2, 'same');
      return output.apply(tf.reshape(map, [-1, flat]));
    },
    activationValues: blocks.map((block) => block.activation.values),
  };
}
