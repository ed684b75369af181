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

/** Added to scores that must not count. */
export const outOfSight = -1e9;

/** Zero where row `r` (a query at position r modulo `time`) may look at column `c`, and a large negative number beyond. */
export function causalMask(rows: number, time: number): tf.Tensor2D {
  const values = new Float32Array(rows * time);
  for (let row = 0; row < rows; row++) values.fill(outOfSight, row * time + (row % time) + 1, (row + 1) * time);
  return tf.tensor2d(values, [rows, time]);
}

/** Keys and values of some of the tokens that a query may look at. */
export interface CachePart {
  /** [batch, kvHeads, time, headWidth], as `values` */
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
  /** Added to the scores [batch, kvHeads, rows, time]: 0 where a query may look, a large negative number elsewhere; none: everywhere. */
  readonly mask?: tf.Tensor;
}

/**
 * softmax(query key^T + mask) value over the keys of all parts together, without joining them in memory. No gradient.
 * @param query [batch, kvHeads, rows, headWidth], already scaled
 * @returns [batch, kvHeads, rows, headWidth]
 */
export function attendCached(query: tf.Tensor4D, parts: readonly CachePart[]): tf.Tensor4D {
  const scores = parts.map(({ keys, mask }) => {
    const unmasked = tf.matMul(query, keys, false, true);
    return mask === undefined ? unmasked : tf.add(unmasked, mask);
  });
  const lengths = parts.map(({ keys }) => keys.shape[2]);
  const weights = tf.split(tf.softmax(tf.concat(scores, 3)), lengths, 3);
  const sums = parts.map(({ values }, index): tf.Tensor4D => tf.matMul(weights[index]!, values));
  return sums.reduce((sum, next) => tf.add(sum, next));
}
