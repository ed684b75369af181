import * as tf from '@tensorflow/tfjs-core';
import { constantParameter, Parameter } from '../parameters.ts';

/** A batch normalization, which trains with the statistics of a batch and infers with running ones. */
export interface BatchNorm {
  /** gain, bias and the running mean and variance, which no optimizer moves. */
  readonly parameters: readonly Parameter[];
  /**
   * @param x any shape, the channels last
   * @param training normalizes by the batch, and moves the running statistics towards it
   */
  apply<T extends tf.Tensor>(x: T, training: boolean): T;
}

/**
 * Batch normalization (Ioffe and Szegedy, arXiv 1502.03167): (x - mean) / sqrt(variance + epsilon) gain + bias, a channel
 * at a time. Running statistics as PyTorch keeps them: momentum is the share of the new, the variance is the unbiased one.
 */
export function batchNorm(
  name: string,
  channels: number,
  { momentum = 0.1, epsilon = 1e-5 }: { momentum?: number; epsilon?: number } = {},
): BatchNorm {
  const gain = constantParameter(`${name}.gain`, [channels], 'norm', 1);
  const bias = constantParameter(`${name}.bias`, [channels], 'bias', 0);
  const mean = runningStatistic(`${name}.runningMean`, channels, 0);
  const variance = runningStatistic(`${name}.runningVariance`, channels, 1);
  const follow = (running: Parameter, value: tf.Tensor) => {
    const { variable } = running;
    variable.assign(tf.add(tf.mul(variable, 1 - momentum), tf.mul(value, momentum)));
  };
  return {
    parameters: [gain, bias, mean, variance],
    apply<T extends tf.Tensor>(x: T, training: boolean): T {
      const scaled = (centered: tf.Tensor, spread: tf.Tensor): T => {
        const normalized = tf.mul(centered, tf.rsqrt(tf.add(spread, epsilon)));
        return tf.add(tf.mul(normalized, gain.variable), bias.variable);
      };
      if (!training) return scaled(tf.sub(x, mean.variable), variance.variable);
      const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
      const ofBatch = tf.mean(x, axes);
      const centered = tf.sub(x, ofBatch);
      const spread = tf.mean(tf.square(centered), axes);
      const count = x.size / channels;
      follow(mean, ofBatch);
      follow(variance, tf.mul(spread, count / Math.max(1, count - 1)));
      return scaled(centered, spread);
    },
  };
}

function runningStatistic(name: string, channels: number, initial: number): Parameter {
  const initialize = (_: unknown, size: number) => new Float32Array(size).fill(initial);
  return new Parameter({ name, shape: [channels], group: 'norm', trainable: false, initialize });
}
