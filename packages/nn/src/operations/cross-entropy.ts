import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';

/** The smallest normal float32: a probability below it is taken as this, so a token's training loss is at most 87.3 nats. */
const smallestProbability = 1.1754944e-38;

/**
 * Mean cross-entropy of a linear classifier, in nats: logits = H weight^T, loss = mean(-log softmax(logits)[target]).
 * With E the probabilities less one at each row's target and s = dy / rows, dH = E weight s and dweight = E^T (H s).
 * E differs from the probabilities in one element a row, which ONNX Runtime changes in place.
 * @param hiddenStates [rows, width]
 * @param weight [classes, width]
 * @param targets [rows] int32
 * @returns scalar
 */
export function linearCrossEntropy(hiddenStates: tf.Tensor2D, weight: tf.Tensor2D, targets: tf.Tensor1D): tf.Scalar {
  const [rows] = hiddenStates.shape;
  return differentiable(
    [hiddenStates, weight],
    (hiddenStates, weight) => {
      const logits: tf.Tensor2D = tf.matMul(hiddenStates, weight, false, true);
      const probabilities = tf.softmax(logits);
      const ofTarget = pickPerRow(probabilities, targets);
      const value: tf.Scalar = tf.neg(tf.mean(tf.log(tf.maximum(ofTarget, smallestProbability))));
      const places = tf.stack([tf.range(0, rows, 1, 'int32'), targets], 1);
      const error = tf.tensorScatterUpdate(probabilities, places, tf.sub(ofTarget, 1)) as tf.Tensor2D;
      return { value, saved: [hiddenStates, weight, error] };
    },
    (dy, [hiddenStates, weight, error]) => {
      const scale = tf.div(dy, rows);
      return [tf.mul(tf.matMul(error, weight), scale), tf.matMul(error, tf.mul(hiddenStates, scale), true, false)];
    },
  );
}

/**
 * The loss of every row, in nats, exact at any size; for evaluation.
 * @returns [rows]
 */
export function linearTokenLosses(hiddenStates: tf.Tensor2D, weight: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  const logits: tf.Tensor2D = tf.matMul(hiddenStates, weight, false, true);
  return tf.sub(tf.logSumExp(logits, 1), pickPerRow(logits, targets));
}

/** matrix[row, columns[row]] for every row; a one-hot product would read the whole matrix. */
function pickPerRow(matrix: tf.Tensor2D, columns: tf.Tensor1D): tf.Tensor1D {
  const [rows, width] = matrix.shape;
  const rowStarts = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(width, 'int32'));
  return tf.gather(tf.reshape(matrix, [-1]) as tf.Tensor1D, tf.add(rowStarts, columns));
}
