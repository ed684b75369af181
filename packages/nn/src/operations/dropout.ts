import * as tf from '@tensorflow/tfjs-core';
import type { UniformStream } from '../random.ts';
import { differentiable } from './differentiable.ts';

/** The random numbers that one mask is made from: three for each row [3, rows, 1] and three for each column [3, 1, columns]. */
export type DropoutDraws = { readonly rows: tf.Tensor3D; readonly columns: tf.Tensor3D };

/** Draws of one mask; the caller disposes them. */
export function dropoutDraws(uniform: UniformStream, rows: number, columns: number): DropoutDraws {
  // Whole numbers below 2^11, 2^12 and 2^16 over powers of two, as fine as `dropoutMask` can compute with exactly.
  const draw = (count: number, below: number, over: number) =>
    Array.from({ length: count }, () => Math.floor(uniform() * below) / over);
  const ofRows = [draw(rows, 2 ** 11, 2 ** 5), draw(rows, 2 ** 11, 2 ** 11), draw(rows, 2 ** 16, 2 ** 16)];
  const ofColumns = [draw(columns, 2 ** 12, 2 ** 6), draw(columns, 2 ** 11, 2 ** 11), draw(columns, 2 ** 16, 2 ** 16)];
  return {
    rows: tf.tensor3d(Float32Array.from(ofRows.flat()), [3, rows, 1]),
    columns: tf.tensor3d(Float32Array.from(ofColumns.flat()), [3, 1, columns]),
  };
}

/**
 * A mask of 0 with the given probability and 1 / (1 - probability) otherwise, made on the device out of (rows + columns)
 * numbers. With z = frac(a_row b_column + c_row + d_column), an element is dropped where
 * frac(64 z^2 + g_row + h_column) < probability. Because g and h are uniform, elements are exactly independent as long as
 * no four of them stand at the corners of a rectangle; the hash z decides about those.
 *
 * Every intermediate result has at most 24 bits, so float32 holds it exactly and all backends make the same mask.
 * @returns [rows, columns]
 */
export function dropoutMask({ rows, columns }: DropoutDraws, probability: number): tf.Tensor2D {
  return tf.tidy(() => {
    const [a, c, g] = tf.unstack(rows) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    const [b, d, h] = tf.unstack(columns) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    const z = fraction(tf.add(tf.add(tf.mul(a, b), c), d));
    const uniform = fraction(tf.add(tf.add(tf.mul(tf.mul(z, z), 64), g), h));
    return tf.mul(tf.cast(tf.greaterEqual(uniform, probability), 'float32'), 1 / (1 - probability));
  });
}

/**
 * Inverted dropout (Srivastava et al. 2014). Only the mask is held for the gradient.
 * @param x [rows, columns]
 */
export function dropout(x: tf.Tensor2D, draws: DropoutDraws, probability: number): tf.Tensor2D {
  return differentiable(
    [x],
    (x) => {
      const mask = dropoutMask(draws, probability);
      return { value: tf.mul(x, mask), saved: [mask] };
    },
    (dy, [mask]) => [tf.mul(dy, mask)],
  );
}

function fraction(x: tf.Tensor): tf.Tensor2D {
  return tf.sub(x, tf.floor(x));
}
