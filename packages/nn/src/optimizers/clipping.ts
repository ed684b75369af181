import * as tf from '@tensorflow/tfjs-core';
import { type GradientTransform, product, scaling } from './gradient-transform.ts';

/**
 * Scales all gradients down together where their global norm exceeds `limit` (Pascanu et al. 2013): one factor of at
 * most 1 for all parameters, so that the gradient keeps its direction. The norm is that of the gradients as they came:
 * this transform stands first.
 */
export function clipByGlobalNorm(limit: number): GradientTransform {
  return scaling({
    scale: (direction, { gradientNorm }) => {
      const factor: tf.Scalar = tf.minimum(tf.div(limit, tf.add(gradientNorm, 1e-6)), 1);
      return { ...direction, factor: product(direction.factor, factor) };
    },
  });
}
