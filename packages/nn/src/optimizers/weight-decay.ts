import * as tf from '@tensorflow/tfjs-core';
import { type GradientTransform, scaling, type TransformedParameter } from './gradient-transform.ts';

/**
 * Adds `weightDecay` times the parameter to the direction of every parameter that `decays`: decoupled decay where it
 * stands behind the rule (Loshchilov and Hutter, arXiv 1711.05101), an L2 penalty before it.
 */
export function decayWeights(
  weightDecay: number,
  decays: (parameter: TransformedParameter) => boolean = () => true,
): GradientTransform {
  return scaling({
    scale(direction, { parameter }) {
      if (weightDecay === 0 || !decays(parameter)) return direction;
      const own = tf.scalar(weightDecay);
      return { ...direction, decay: direction.decay === undefined ? own : tf.add(direction.decay, own) };
    },
  });
}
