import * as tf from '@tensorflow/tfjs-core';
import { type GradientTransform, scaling, type TransformedParameter } from './gradient-transform.ts';

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

/**
 * Multiplies the direction by the learning rate, the last transform of a chain.
 * @param learningRate of a step, from 1
 * @param multiplierOf factor on the learning rate of one parameter
 */
export function scaleByLearningRate(
  learningRate: (step: number) => number,
  multiplierOf: (parameter: TransformedParameter) => number = (parameter) => parameter.learningRateMultiplier,
): GradientTransform {
  return scaling({
    scalars: (step) => ({ learningRate: learningRate(step) }),
    scale({ update, factor, decay }, { parameter, scalars }) {
      const multiplier = multiplierOf(parameter);
      const scaled = (scalar: tf.Scalar | undefined): tf.Scalar => {
        const rated = product(scalar, scalars.learningRate!);
        return multiplier === 1 ? rated : tf.mul(rated, multiplier);
      };
      return { update, factor: scaled(factor), ...(decay === undefined ? {} : { decay: scaled(decay) }) };
    },
  });
}

function product(scalar: tf.Scalar | undefined, factor: tf.Scalar): tf.Scalar {
  return scalar === undefined ? factor : tf.mul(scalar, factor);
}
