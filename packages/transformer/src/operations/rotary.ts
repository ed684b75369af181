import { differentiable } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Tables of a rotation: cosines and sines [context, heads * headWidth], and the matrix that turns a head by 90 degrees. */
export interface RotaryTables {
  readonly cosine: tf.Tensor2D;
  readonly sine: tf.Tensor2D;
  /** [headWidth, headWidth]: [a, b] times it is [-b, a]. */
  readonly quarterTurn: tf.Tensor2D;
}

/**
 * Rotary position embedding (Su et al., arXiv 2104.09864) in the half-split layout of GPT-NeoX and Llama: feature i and
 * i + headWidth / 2 of a head turn by position * base^(-2 i / headWidth).
 * @param scale multiplies both tables: attention's 1 / sqrt(headWidth) costs nothing when the query's rotation carries it.
 */
export function rotaryTables(options: {
  context: number;
  heads: number;
  headWidth: number;
  base: number;
  scale: number;
}): RotaryTables {
  const { context, heads, headWidth, base, scale } = options;
  const half = headWidth / 2;
  const width = heads * headWidth;
  const cosine = new Float32Array(context * width);
  const sine = new Float32Array(context * width);
  for (let row = 0; row < context; row++) {
    for (let feature = 0; feature < width; feature++) {
      const angle = row * base ** ((-2 * (feature % half)) / headWidth);
      cosine[row * width + feature] = scale * Math.cos(angle);
      sine[row * width + feature] = scale * Math.sin(angle);
    }
  }
  const quarterTurn = new Float32Array(headWidth * headWidth);
  for (let index = 0; index < half; index++) {
    quarterTurn[(index + half) * headWidth + index] = -1;
    quarterTurn[index * headWidth + index + half] = 1;
  }
  return {
    cosine: tf.tensor2d(cosine, [context, width]),
    sine: tf.tensor2d(sine, [context, width]),
    quarterTurn: tf.tensor2d(quarterTurn, [headWidth, headWidth]),
  };
}

/**
 * x cos + turn(x) sin. The quarter turn is a small matrix product, which costs less than slicing, negating and joining
 * halves of every head. The gradient is the rotation backwards: dy cos - turn(dy) sin.
 * @param x [batch * time, heads * headWidth], time running fastest within a batch element
 */
export function rotate(x: tf.Tensor2D, tables: RotaryTables): tf.Tensor2D {
  return differentiable(
    [x],
    (x) => ({ value: turn(x, tables, tf.add), saved: [] }),
    (dy) => [turn(dy, tables, tf.sub)],
  );
}

function turn(x: tf.Tensor2D, tables: RotaryTables, combine: typeof tf.add | typeof tf.sub): tf.Tensor2D {
  const { cosine, sine, quarterTurn } = tables;
  const [time, width] = cosine.shape;
  const [headWidth] = quarterTurn.shape;
  const byBatch = [x.size / (time * width), time, width];
  const turned = tf.matMul(tf.reshape(x, [x.size / headWidth, headWidth]) as tf.Tensor2D, quarterTurn);
  const rotated = combine(tf.mul(tf.reshape(x, byBatch), cosine), tf.mul(tf.reshape(turned, byBatch), sine));
  return tf.reshape(rotated, x.shape);
}

/**
 * The rotation of rows at positions of their own, for generation. No gradient.
 * @param x [rows, heads * headWidth]
 * @param positions [rows] int32, each below the tables' context
 */
export function rotateAt(x: tf.Tensor2D, tables: RotaryTables, positions: tf.Tensor1D): tf.Tensor2D {
  const { cosine, sine, quarterTurn } = tables;
  const [headWidth] = quarterTurn.shape;
  const turned = tf.matMul(tf.reshape(x, [x.size / headWidth, headWidth]) as tf.Tensor2D, quarterTurn);
  const ofTurned = tf.mul(tf.reshape(turned, x.shape), tf.gather(sine, positions));
  return tf.add(tf.mul(x, tf.gather(cosine, positions)), ofTurned);
}
