import * as tf from '@tensorflow/tfjs-core';
import type { ParameterTensors } from '../parameters.ts';

/**
 * x W, plus b where the layer has one. Always on two dimensions: tfjs gives a 3-D by 2-D product a wrong gradient shape.
 * @param x [rows, inputs]
 * @returns [rows, outputs]
 */
export function linear(x: tf.Tensor2D, name: string, tensors: ParameterTensors): tf.Tensor2D {
  const product: tf.Tensor2D = tf.matMul(x, tensors.get(`${name}.weight`) as tf.Tensor2D);
  const bias = tensors.find(`${name}.bias`);
  return bias === undefined ? product : tf.add(product, bias);
}
