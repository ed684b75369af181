import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './update-rule.ts';

/**
 * Adam's direction (Kingma and Ba, arXiv 1412.6980) with bias correction; with the train step's decoupled decay it is
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101).
 *
 * The slots hold sums, M = m / (1 - beta1) and V = v / (1 - beta2), which saves two passes over every parameter:
 * with k = sqrt((1 - beta2) / (1 - beta2^t)), mHat / (sqrt(vHat) + epsilon) equals
 * (1 - beta1) / ((1 - beta1^t) k) x M / (sqrt(V) + epsilon / k), and the factor in front is `scale`.
 */
export function adam(options: { beta1: number; beta2: number; epsilon: number }): UpdateRule {
  const { beta1, beta2, epsilon } = options;
  return {
    slots: ['gradientSum', 'squaredGradientSum'],
    scalars(step) {
      const k = Math.sqrt((1 - beta2) / (1 - beta2 ** step));
      return { scale: (1 - beta1) / ((1 - beta1 ** step) * k), epsilon: epsilon / k };
    },
    direction(gradient, [sum, squaredSum], scalars) {
      const nextSum = tf.add(tf.mul(sum!, beta1), gradient);
      const nextSquaredSum = tf.add(tf.mul(squaredSum!, beta2), tf.square(gradient));
      const direction = tf.div(nextSum, tf.add(tf.sqrt(nextSquaredSum), scalars.epsilon!));
      return { direction, slots: [nextSum, nextSquaredSum] };
    },
  };
}
