import * as tf from '@tensorflow/tfjs-core';
import { type GradientTransform, transform } from './gradient-transform.ts';

/**
 * Lion (Chen et al., arXiv 2302.06675): the sign of beta1 m + (1 - beta1) g, then m <- beta2 m + (1 - beta2) g.
 * The slot holds the sum M = m / (1 - beta2): the sign of beta1 (1 - beta2) / (1 - beta1) M + g is the same.
 */
export function lion({ beta1, beta2 }: { beta1: number; beta2: number }): GradientTransform {
  const weight = (beta1 * (1 - beta2)) / (1 - beta1);
  return transform({
    slots: ['gradientSum'],
    apply(gradient, [sum]) {
      const update = tf.sign(tf.add(tf.mul(sum!, weight), gradient));
      return { update, slots: [tf.add(tf.mul(sum!, beta2), gradient)] };
    },
  });
}
