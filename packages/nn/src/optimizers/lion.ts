import * as tf from '@tensorflow/tfjs-core';
import { decayRate, defineOptimizer, optimizerFields } from './define-optimizer.ts';
import { rule } from './gradient-transform.ts';

/**
 * Lion (Chen et al., arXiv 2302.06675): the sign of beta1 m + (1 - beta1) g, then m <- beta2 m + (1 - beta2) g.
 * The slot holds the sum M = m / (1 - beta2): the sign of beta1 (1 - beta2) / (1 - beta1) M + g is the same.
 */
export const lion = defineOptimizer(
  optimizerFields('lion', 'Lion (arXiv 2302.06675); wants a third to a tenth of the AdamW rate', 2e-4, {
    beta1: decayRate.default(0.9).describe('weight of the mean in the update'),
    beta2: decayRate.default(0.99).describe('decay of the mean of gradients'),
  }),
  ({ beta1, beta2 }) => {
    const weight = (beta1 * (1 - beta2)) / (1 - beta1);
    return rule({
      slots: ['gradientSum'],
      update(gradient, state) {
        const update = tf.sign(tf.add(tf.mul(state.gradientSum!, weight), gradient));
        return { update, state: { gradientSum: tf.add(tf.mul(state.gradientSum!, beta2), gradient) } };
      },
    });
  },
);
