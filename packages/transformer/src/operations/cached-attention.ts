import * as tf from '@tensorflow/tfjs-core';

/** Keys or values of one layer: long-lived ones, and those of the newest tokens. */
export interface CachedTensors {
  /** [batch, kvHeads, context, headWidth] */
  readonly past: tf.Tensor4D;
  /** [batch, kvHeads, recent, headWidth] */
  readonly recent: tf.Tensor4D;
}

/** What is added to the scores: 0 where a query may look, a large negative number elsewhere. */
export interface CacheMasks {
  /** [batch, 1, 1, context] */
  readonly past: tf.Tensor4D;
  /** [rows, recent] or [1, recent] */
  readonly recent: tf.Tensor2D;
}

/**
 * softmax(query key^T + mask) value over past and recent keys together, without joining them in memory. No gradient.
 * @param query [batch, kvHeads, rows, headWidth], already scaled
 * @returns [batch, kvHeads, rows, headWidth]
 */
export function attendCached(
  query: tf.Tensor4D,
  keys: CachedTensors,
  values: CachedTensors,
  masks: CacheMasks,
): tf.Tensor4D {
  const [, , context] = keys.past.shape;
  const [, , recent] = keys.recent.shape;
  const pastScores = tf.add(tf.matMul(query, keys.past, false, true), masks.past);
  const recentScores = tf.add(tf.matMul(query, keys.recent, false, true), masks.recent);
  const weights = tf.softmax(tf.concat([pastScores, recentScores], 3));
  const [ofPast, ofRecent] = tf.split(weights, [context, recent], 3) as [tf.Tensor4D, tf.Tensor4D];
  return tf.add(tf.matMul(ofPast, values.past), tf.matMul(ofRecent, values.recent));
}
