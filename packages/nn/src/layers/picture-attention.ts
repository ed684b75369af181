import * as tf from '@tensorflow/tfjs-core';
import { linear } from '../linear.ts';
import { convolution, type PictureLayer } from './convolution.ts';

/**
 * Channel attention (Woo et al., CBAM, arXiv 1807.06521): x sigmoid(mlp(average over places) + mlp(maximum over places)),
 * a factor a channel; one ReLU layer of channels / reduction features lies in the perceptron that both share.
 */
export function channelAttention(name: string, channels: number, reduction: number): PictureLayer {
  const inner = Math.max(1, Math.floor(channels / reduction));
  const squeeze = linear(`${name}.squeeze`, dense(channels, inner));
  const excite = linear(`${name}.excite`, dense(inner, channels));
  const perceptron = (x: tf.Tensor2D) => excite.apply(tf.relu(squeeze.apply(x)));
  return {
    parameters: [...squeeze.parameters, ...excite.parameters],
    apply(x) {
      const average: tf.Tensor2D = tf.mean(x, [1, 2]);
      const maximum: tf.Tensor2D = tf.max(x, [1, 2]);
      const factor = tf.sigmoid(tf.add(perceptron(average), perceptron(maximum)));
      return tf.mul(x, tf.reshape(factor, [-1, 1, 1, channels]));
    },
  };
}

/** Spatial attention (as above): x sigmoid(conv7x7([mean over channels, maximum over channels])), a factor a place. */
export function spatialAttention(name: string, size = 7): PictureLayer {
  const map = convolution(`${name}.map`, { inputs: 2, outputs: 1, size, bias: true });
  return {
    parameters: map.parameters,
    apply(x) {
      const seen = tf.concat([tf.mean(x, 3, true), tf.max(x, 3, true)], 3) as tf.Tensor4D;
      return tf.mul(x, tf.sigmoid(map.apply(seen)));
    },
  };
}

function dense(inputs: number, outputs: number) {
  return { inputs, outputs, standardDeviation: Math.sqrt(2 / inputs), bias: true };
}
