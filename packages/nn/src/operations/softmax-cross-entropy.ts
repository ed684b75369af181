import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';

/**
 * Mean cross-entropy of a classifier, in nats: mean(logSumExp(logits) - logits[target]), with its gradient
 * (softmax(logits) - oneHot(target)) / rows in closed form.
 * @param logits [rows, classes]
 * @param targets [rows] int32
 * @returns scalar
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Scalar {
  const [rows, classes] = logits.shape;
  return differentiable(
    [logits],
    (logits) => {
      const wanted = tf.oneHot(targets, classes, 1, 0, 'float32');
      const ofTarget = tf.sum(tf.mul(logits, wanted), 1);
      const value: tf.Scalar = tf.mean(tf.sub(tf.logSumExp(logits, 1), ofTarget));
      return { value, saved: [tf.sub(tf.softmax(logits), wanted)] };
    },
    (dy, [error]) => [tf.mul(error, tf.div(dy, rows))],
  );
}
