import { differentiable } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * softmax(query key^T + mask) value, with its gradient in closed form: with P the weights and O the output,
 * dS = P (dO value^T - rowsum(dO O)), so that no second pass over P finds the row sums (FlashAttention, arXiv 2205.14135).
 * @param query [batch, kvHeads, rows, headWidth], already scaled; rows = queries of all heads that share a key head
 * @param key [batch, kvHeads, time, headWidth]
 * @param value [batch, kvHeads, time, headWidth]
 * @param mask [rows, time], added to the scores
 * @returns [batch, kvHeads, rows, headWidth]
 */
export function attend(query: tf.Tensor4D, key: tf.Tensor4D, value: tf.Tensor4D, mask: tf.Tensor2D): tf.Tensor4D {
  return differentiable(
    [query, key, value],
    (query, key, value) => {
      const scores: tf.Tensor4D = tf.add(tf.matMul(query, key, false, true), mask);
      const weights = tf.softmax(scores);
      const output: tf.Tensor4D = tf.matMul(weights, value);
      return { value: output, saved: [query, key, value, weights, output] };
    },
    (dy, [query, key, value, weights, output]) => {
      const rowSums = tf.sum(tf.mul(dy, output), -1, true);
      const scoreGradient: tf.Tensor4D = tf.mul(weights, tf.sub(tf.matMul(dy, value, false, true), rowSums));
      return [
        tf.matMul(scoreGradient, key),
        tf.matMul(scoreGradient, query, true, false),
        tf.matMul(weights, dy, true, false),
      ];
    },
  );
}

/** Zero where row `r` (a query at position r modulo `time`) may look at column `c`, and a large negative number beyond. */
export function causalMask(rows: number, time: number): tf.Tensor2D {
  const values = new Float32Array(rows * time);
  for (let row = 0; row < rows; row++) values.fill(-1e9, row * time + (row % time) + 1, (row + 1) * time);
  return tf.tensor2d(values, [rows, time]);
}
