import { batchNorm, convolution, linear } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import { activationLayer, type NamedActivation } from './activation-layer.ts';
import type { Network } from './network.ts';

/**
 * The network of Ruff et al. 2018 for MNIST: 5 x 5 convolutions to 8 and 4 maps, each with batch normalization, activation
 * and a 2 x 2 maximum, and a dense layer; no biases, which would let the sphere collapse.
 */
export function oneClassNetwork(outputs: number, activation: NamedActivation): Network<tf.Tensor4D> {
  const blocks = [8, 4].map((count, index) => ({
    convolve: convolution(`blocks.${index}.convolution`, {
      inputs: index === 0 ? 1 : 8,
      outputs: count,
      size: 5,
      bias: false,
    }),
    norm: batchNorm(`blocks.${index}.norm`, count),
    activation: activationLayer(`blocks.${index}.activation`, activation),
  }));
  const flat = 7 * 7 * 4;
  const output = linear('output', { inputs: flat, outputs, standardDeviation: Math.sqrt(1 / flat), bias: false });
  return {
    parameters: [
      ...blocks.flatMap(({ convolve, norm, activation }) =>
        [convolve, norm, activation].flatMap(({ parameters }) => parameters),
      ),
      ...output.parameters,
    ],
    apply(x, training) {
      let map = x;
      for (const block of blocks) {
        const active = block.activation.apply(block.norm.apply(block.convolve.apply(map), training));
        map = tf.maxPool(active, 2, 2, 'same');
      }
      return output.apply(tf.reshape(map, [-1, flat]));
    },
    activationValues: blocks.map((block) => block.activation.values),
  };
}
