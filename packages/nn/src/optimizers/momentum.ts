import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { decayRate, defineOptimizer, optimizerFields } from './define-optimizer.ts';
import { type GradientTransform, rule } from './gradient-transform.ts';

/**
 * Heavy-ball momentum as PyTorch's SGD has it: V <- momentum V + g, and the update is V, or with `nesterov`
 * g + momentum V (Sutskever et al. 2013).
 */
export function momentum(options: { momentum: number; nesterov: boolean }): GradientTransform {
  const { momentum, nesterov } = options;
  if (momentum === 0) return rule({ update: (gradient) => ({ update: gradient, state: {} }) });
  return rule({
    slots: ['velocity'],
    update(gradient, state) {
      const velocity = tf.add(tf.mul(state.velocity!, momentum), gradient);
      return { update: nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity, state: { velocity } };
    },
  });
}

export const sgd = defineOptimizer(
  optimizerFields('sgd', 'stochastic gradient descent with momentum', 0.1, {
    momentum: decayRate.default(0.9).describe('decay of the velocity; 0 for plain descent'),
    nesterov: z.boolean().default(false).describe('look ahead along the velocity'),
  }),
  momentum,
);
