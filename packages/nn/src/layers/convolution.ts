import * as tf from '@tensorflow/tfjs-core';
import { constantParameter, normalParameter, type Parameter } from '../parameters.ts';

/** A part of a model that maps pictures to pictures, [batch, height, width, channels]. */
export interface PictureLayer {
  readonly parameters: readonly Parameter[];
  apply(x: tf.Tensor4D): tf.Tensor4D;
}

/**
 * A convolution with "same" padding: `<name>.weight` [size, size, inputs, outputs], normal with He et al.'s deviation
 * sqrt(2 / (size^2 inputs)) (arXiv 1502.01852), and `<name>.bias` [outputs], zero, where the layer has one.
 */
export function convolution(
  name: string,
  options: { inputs: number; outputs: number; size: number; stride?: number; bias: boolean },
): PictureLayer {
  const { inputs, outputs, size, stride = 1 } = options;
  const deviation = Math.sqrt(2 / (size * size * inputs));
  const weight = normalParameter(`${name}.weight`, [size, size, inputs, outputs], 'matrix', deviation);
  const bias = options.bias ? constantParameter(`${name}.bias`, [outputs], 'bias', 0) : undefined;
  return {
    parameters: bias === undefined ? [weight] : [weight, bias],
    apply(x) {
      const product = tf.conv2d(x, weight.variable as tf.Tensor4D, stride, 'same');
      return bias === undefined ? product : tf.add(product, bias.variable);
    },
  };
}
