import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';

/**
 * RMSNorm (Zhang and Sennrich, arXiv 1910.07467): x / sqrt(mean(x^2) + epsilon) * gain, with its gradient in closed form:
 * with n = x r, r = 1 / sqrt(mean(x^2) + epsilon), dx = r (dy gain - n mean(dy gain n)), dgain = sum over rows of dy n.
 * @param x [rows, width]
 * @param gain [width]
 */
export function rmsNorm(x: tf.Tensor2D, gain: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  const [, width] = x.shape;
  return differentiable(
    [x, gain],
    (x, gain) => {
      const inverseRms: tf.Tensor2D = tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), epsilon)); // [rows, 1]
      const normalized: tf.Tensor2D = tf.mul(x, inverseRms);
      const value: tf.Tensor2D = tf.mul(normalized, gain);
      return { value, saved: [gain, inverseRms, normalized] };
    },
    (dy, [gain, inverseRms, normalized]) => {
      const product: tf.Tensor2D = tf.mul(dy, normalized);
      // The mean over features weighted by the gain is a matrix-vector product: no pass of its own over [rows, width].
      const column = tf.reshape(gain, [width, 1]) as tf.Tensor2D;
      const correction = tf.mul(tf.matMul(product, column), 1 / width);
      const dx = tf.mul(tf.sub(tf.mul(dy, gain), tf.mul(normalized, correction)), inverseRms);
      return [dx, tf.sum(product, 0)];
    },
  );
}
