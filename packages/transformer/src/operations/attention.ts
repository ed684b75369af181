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

/** Keys or values of one layer in two parts: those of the past, and those of the new tokens. */
export interface CachedTensors {
  /** [batch, kvHeads, context, headWidth] */
  readonly past: tf.Tensor4D;
  /** [batch, kvHeads, new, headWidth] */
  readonly new: tf.Tensor4D;
}

/** Added to the scores: 0 where a query may look, a large negative number elsewhere. */
export interface CacheMasks {
  /** [batch, 1, 1, context] */
  readonly past: tf.Tensor4D;
  /** [rows, new] or [1, new] */
  readonly new: tf.Tensor2D;
}

/**
 * softmax(query key^T + mask) value over past and new keys together, without joining them in memory. No gradient.
 * @param query [batch, kvHeads, rows, headWidth], already scaled
 * @returns [batch, kvHeads, rows, headWidth]
 */
export function attendCached(
  query: tf.Tensor4D,
  keys: CachedTensors,
  values: CachedTensors,
  masks: CacheMasks,
): tf.Tensor4D {
  const lengths = [keys.past.shape[2], keys.new.shape[2]];
  const pastScores = tf.add(tf.matMul(query, keys.past, false, true), masks.past);
  const newScores = tf.add(tf.matMul(query, keys.new, false, true), masks.new);
  const weights = tf.softmax(tf.concat([pastScores, newScores], 3));
  const [pastWeights, newWeights] = tf.split(weights, lengths, 3) as [tf.Tensor4D, tf.Tensor4D];
  return tf.add(tf.matMul(pastWeights, values.past), tf.matMul(newWeights, values.new));
}
