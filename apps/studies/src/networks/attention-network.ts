import { batchNorm, channelAttention, convolution, linear, spatialAttention } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import { activationLayer, type NamedActivation } from './activation-layer.ts';
import type { Network } from './network.ts';

/**
 * Blocks of a 3 x 3 convolution, batch normalization, an activation, channel and spatial attention (CBAM) where wanted, and
 * a 2 x 2 maximum; the mean over all places, and a linear layer to the outputs.
 */
export function attentionNetwork(options: {
  channels: number;
  features: readonly number[];
  outputs: number;
  activation: NamedActivation;
  attention: boolean;
}): Network<tf.Tensor4D> {
  const { channels, features, outputs, activation, attention } = options;
  const blocks = features.map((count, index) => {
    const name = `blocks.${index}`;
    const inputs = features[index - 1] ?? channels;
    return {
      convolve: convolution(`${name}.convolution`, { inputs, outputs: count, size: 3, bias: false }),
      norm: batchNorm(`${name}.norm`, count),
      activation: activationLayer(`${name}.activation`, activation),
      attend: attention ? [channelAttention(`${name}.channel`, count, 4), spatialAttention(`${name}.spatial`)] : [],
    };
  });
  const width = features.at(-1)!;
  const output = linear('output', { inputs: width, outputs, standardDeviation: Math.sqrt(1 / width), bias: true });
  return {
    parameters: [
      ...blocks.flatMap(({ convolve, norm, activation, attend }) =>
        [convolve, norm, activation, ...attend].flatMap(({ parameters }) => parameters),
      ),
      ...output.parameters,
    ],
    apply(x, training) {
      let map = x;
      for (const block of blocks) {
        const active = block.activation.apply(block.norm.apply(block.convolve.apply(map), training));
        const attended = block.attend.reduce((seen, layer) => layer.apply(seen), active);
        map = tf.maxPool(attended, 2, 2, 'same');
      }
      return output.apply(tf.mean(map, [1, 2]));
    },
    activationValues: blocks.map((block) => block.activation.values),
  };
}
