import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { decayRate, defineOptimizer, optimizerFields } from './define-optimizer.ts';
import { type GradientTransform, rule } from './gradient-transform.ts';

export const adamFields = {
  beta1: decayRate.default(0.9).describe('decay of the mean of gradients'),
  beta2: decayRate.default(0.95).describe('decay of the mean of squared gradients'),
  epsilon: z.number().positive().default(1e-8).describe('added to the root of the second moment'),
};

/**
 * Adam's direction (Kingma and Ba, arXiv 1412.6980) with bias correction; followed by a decoupled decay it is AdamW
 * (Loshchilov and Hutter, arXiv 1711.05101).
 *
 * The slots hold sums, M = m / (1 - beta1) and V = v / (1 - beta2), which saves two passes over every parameter:
 * with k = sqrt((1 - beta2) / (1 - beta2^t)), mHat / (sqrt(vHat) + epsilon) equals
 * (1 - beta1) / ((1 - beta1^t) k) x M / (sqrt(V) + epsilon / k), and the number in front is the factor.
 */
export function adam(options: { beta1: number; beta2: number; epsilon: number }): GradientTransform {
  const { beta1, beta2, epsilon } = options;
  return rule({
    slots: ['gradientSum', 'squaredGradientSum'],
    scalars(step) {
      const k = Math.sqrt((1 - beta2) / (1 - beta2 ** step));
      return { scale: (1 - beta1) / ((1 - beta1 ** step) * k), epsilon: epsilon / k };
    },
    update(gradient, state, { scalars }) {
      const gradientSum = tf.add(tf.mul(state.gradientSum!, beta1), gradient);
      const squaredGradientSum = tf.add(tf.mul(state.squaredGradientSum!, beta2), tf.square(gradient));
      const update = tf.div(gradientSum, tf.add(tf.sqrt(squaredGradientSum), scalars.epsilon!));
      return { update, factor: scalars.scale!, state: { gradientSum, squaredGradientSum } };
    },
  });
}

export const adamw = defineOptimizer(optimizerFields('adamw', 'AdamW (arXiv 1711.05101)', 1e-3, adamFields), adam);
