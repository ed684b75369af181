import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';

/**
 * Layer normalization (Ba et al., arXiv 1607.06450): (x - mean) / sqrt(variance + epsilon) * gain + bias over the last axis.
 * @param x [rows, width]
 * @param gain [width]
 * @param bias [width]; absent for a model without biases
 */
export function layerNorm(
  x: tf.Tensor2D,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D | undefined,
  epsilon: number,
): tf.Tensor2D {
  const scaled = scaledStandardization(x, gain, epsilon);
  return bias === undefined ? scaled : tf.add(scaled, bias);
}

function scaledStandardization(x: tf.Tensor2D, gain: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  return differentiable(
    [x, gain],
    (x, gain) => {
      const centered = tf.sub(x, tf.mean(x, 1, true));
      const inverseDeviation: tf.Tensor2D = tf.rsqrt(tf.add(tf.mean(tf.square(centered), 1, true), epsilon)); // [rows, 1]
      const normalized: tf.Tensor2D = tf.mul(centered, inverseDeviation);
      const value: tf.Tensor2D = tf.mul(normalized, gain);
      return { value, saved: [gain, inverseDeviation, normalized] };
    },
    (dy, [gain, inverseDeviation, normalized]) => {
      const weighted = tf.mul(dy, gain);
      const correction = tf.mul(normalized, tf.mean(tf.mul(weighted, normalized), 1, true));
      const dx = tf.mul(tf.sub(tf.sub(weighted, tf.mean(weighted, 1, true)), correction), inverseDeviation);
      return [dx, tf.sum(tf.mul(dy, normalized), 0)];
    },
  );
}
