import * as tf from '@tensorflow/tfjs-core';
import { constantParameter, normalParameter, type Parameter } from './parameters.ts';

/** A part of a model that maps rows to rows, with the parameters it owns. */
export interface Layer {
  readonly parameters: readonly Parameter[];
  /** @param x [rows, inputs] @returns [rows, outputs] */
  apply(x: tf.Tensor2D): tf.Tensor2D;
}

/**
 * x W, plus b where the layer has one: `<name>.weight` [inputs, outputs], normal, and `<name>.bias` [outputs], zero.
 * Always on two dimensions: tfjs gives a 3-D by 2-D product a wrong gradient shape (tfjs 8721).
 */
export function linear(
  name: string,
  options: { inputs: number; outputs: number; standardDeviation: number; bias: boolean },
): Layer {
  const { inputs, outputs, standardDeviation } = options;
  const weight = normalParameter(`${name}.weight`, [inputs, outputs], 'matrix', standardDeviation);
  const bias = options.bias ? constantParameter(`${name}.bias`, [outputs], 'bias', 0) : undefined;
  return {
    parameters: bias === undefined ? [weight] : [weight, bias],
    apply(x) {
      const product: tf.Tensor2D = tf.matMul(x, weight.variable as tf.Tensor2D);
      return bias === undefined ? product : tf.add(product, bias.variable);
    },
  };
}
