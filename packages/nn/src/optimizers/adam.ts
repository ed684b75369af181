import * as tf from '@tensorflow/tfjs-core';
import { type GradientTransform, transform } from './gradient-transform.ts';

/**
 * Adam's direction (Kingma and Ba, arXiv 1412.6980) with bias correction; with the optimizer's decoupled decay it is
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101).
 *
 * The slots hold sums, M = m / (1 - beta1) and V = v / (1 - beta2), which saves two passes over every parameter:
 * with k = sqrt((1 - beta2) / (1 - beta2^t)), mHat / (sqrt(vHat) + epsilon) equals
 * (1 - beta1) / ((1 - beta1^t) k) x M / (sqrt(V) + epsilon / k), and the number in front is the factor.
 */
export function adam(options: { beta1: number; beta2: number; epsilon: number }): GradientTransform {
  const { beta1, beta2, epsilon } = options;
  return transform({
    slots: ['gradientSum', 'squaredGradientSum'],
    scalars(step) {
      const k = Math.sqrt((1 - beta2) / (1 - beta2 ** step));
      return { scale: (1 - beta1) / ((1 - beta1 ** step) * k), epsilon: epsilon / k };
    },
    apply(gradient, [sum, squaredSum], scalars) {
      const nextSum = tf.add(tf.mul(sum!, beta1), gradient);
      const nextSquaredSum = tf.add(tf.mul(squaredSum!, beta2), tf.square(gradient));
      const update = tf.div(nextSum, tf.add(tf.sqrt(nextSquaredSum), scalars.epsilon!));
      return { update, factor: scalars.scale!, slots: [nextSum, nextSquaredSum] };
    },
  });
}
