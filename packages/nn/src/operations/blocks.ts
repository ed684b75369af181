import * as tf from '@tensorflow/tfjs-core';

/** Rows or positions from `start` up to `end`. */
export interface Block {
  readonly start: number;
  readonly end: number;
}

/** Consecutive blocks of `length`, the last perhaps shorter, of so many rows or positions. */
export function blocksOf(count: number, length: number): Block[] {
  return Array.from({ length: Math.ceil(count / length) }, (_, index) => {
    const start = index * length;
    return { start, end: Math.min(count, start + length) };
  });
}

/**
 * `next` as it is, but computed only after all of `done`. A runtime orders operators as it likes: of work in blocks it may
 * begin every block before it ends one, and then holds the large tensors of all blocks at a time.
 */
export function after<T extends tf.Tensor>(next: T, done: readonly tf.Tensor[]): T {
  if (done.length === 0) return next;
  const one = (tensor: tf.Tensor) => tf.slice(tf.reshape(tensor, [tensor.size]), [0], [1]);
  const joined = tf.concat([tf.reshape(next, [next.size]), ...done.map(one)]);
  return tf.reshape(tf.slice(joined, [0], [next.size]), next.shape) as T;
}
