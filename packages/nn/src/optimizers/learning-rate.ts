import * as tf from '@tensorflow/tfjs-core';
import { type GradientTransform, product, scaling, type TransformedParameter } from './gradient-transform.ts';

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
