import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';

/** The smallest normal float32: a probability below it is taken as this, so a token's training loss is at most 87.3 nats. */
const smallestProbability = 1.1754944e-38;

/**
 * Mean cross-entropy of a linear classifier, in nats: logits = hidden weight^T, loss = mean(-log softmax(logits)[target]).
 * Its gradient never touches [rows, classes] element by element: with P the probabilities and s = dy / rows,
 * dhidden = (P weight - weight[target]) s and dweight = P^T (hidden s) - the sum of hidden s by target.
 * @param hidden [rows, width]
 * @param weight [classes, width]
 * @param targets [rows] int32
 * @returns scalar
 */
export function linearCrossEntropy(hidden: tf.Tensor2D, weight: tf.Tensor2D, targets: tf.Tensor1D): tf.Scalar {
  const [rows] = hidden.shape;
  const [classes] = weight.shape;
  return differentiable(
    [hidden, weight],
    (hidden, weight) => {
      const logits: tf.Tensor2D = tf.matMul(hidden, weight, false, true);
      const probabilities = tf.softmax(logits);
      const ofTarget = tf.maximum(pickPerRow(probabilities, targets), smallestProbability);
      const value: tf.Scalar = tf.neg(tf.mean(tf.log(ofTarget)));
      return { value, saved: [hidden, weight, probabilities, targets] };
    },
    (dy, [hidden, weight, probabilities, targets]) => {
      const scale = tf.div(dy, rows);
      const scaledHidden: tf.Tensor2D = tf.mul(hidden, scale);
      const expected = tf.matMul(probabilities, weight);
      return [
        tf.mul(tf.sub(expected, tf.gather(weight, targets)), scale),
        tf.sub(
          tf.matMul(probabilities, scaledHidden, true, false),
          tf.unsortedSegmentSum(scaledHidden, targets, classes),
        ),
      ];
    },
  );
}

/**
 * The loss of every row, in nats, exact at any size; for evaluation.
 * @returns [rows]
 */
export function linearTokenLosses(hidden: tf.Tensor2D, weight: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  const logits: tf.Tensor2D = tf.matMul(hidden, weight, false, true);
  return tf.sub(tf.logSumExp(logits, 1), pickPerRow(logits, targets));
}

/** matrix[row, columns[row]] for every row; a one-hot product would read the whole matrix. */
function pickPerRow(matrix: tf.Tensor2D, columns: tf.Tensor1D): tf.Tensor1D {
  const [rows, width] = matrix.shape;
  const rowStarts = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(width, 'int32'));
  return tf.gather(tf.reshape(matrix, [-1]) as tf.Tensor1D, tf.add(rowStarts, columns));
}
