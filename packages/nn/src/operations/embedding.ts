import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';

/**
 * Rows of a table. tfjs's own gradient of `gather` transposes the table twice; this one only sums by row.
 * @param table [rows, width]
 * @param indices [count] int32
 * @returns [count, width]
 */
export function embed(table: tf.Tensor2D, indices: tf.Tensor1D): tf.Tensor2D {
  const [rows] = table.shape;
  return differentiable(
    [table],
    (table) => ({ value: tf.gather(table, indices), saved: [indices] }),
    (dy, [indices]) => [tf.unsortedSegmentSum(dy, indices, rows)],
  );
}
