import { after, type Block, blocksOf, differentiable } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import { causalMask } from './attention.ts';

/**
 * Causal attention by blocks of queries, which never has a [time, time] matrix: what lies behind a block is not computed, and
 * the gradient, in closed form as that of `attend`, computes the weights of a block again (FlashAttention, arXiv 2205.14135).
 * @param query [batch, kvHeads, groups * time, headWidth], already scaled; groups = query heads that share a key head
 * @param key [batch, kvHeads, time, headWidth]
 * @param value [batch, kvHeads, time, headWidth]
 * @param mask added to the scores of a block: `blockMask` for blocks of as many positions as it has rows, of `time` or more
 * @returns [batch, kvHeads, groups * time, headWidth]
 */
export function attendInBlocks(
  query: tf.Tensor4D,
  key: tf.Tensor4D,
  value: tf.Tensor4D,
  mask: tf.Tensor2D,
): tf.Tensor4D {
  const [batch, kvHeads, time, headWidth] = key.shape;
  const [pairs, groups] = [batch * kvHeads, query.shape[2] / time];
  const byGroup = (x: tf.Tensor4D): tf.Tensor4D => tf.reshape(x, [pairs, groups, time, x.shape[3]]);
  const turn = (x: tf.Tensor4D): tf.Tensor3D => tf.transpose(tf.reshape(x, [pairs, time, headWidth]), [0, 2, 1]);
  const blocks = blocksOf(time, mask.shape[0]);
  const join = (parts: readonly tf.Tensor3D[]): tf.Tensor4D => {
    const split = parts.map((part) => tf.reshape(part, [pairs, groups, part.shape[1] / groups, headWidth]));
    return tf.reshape(tf.concat(split, 2), query.shape);
  };
  return differentiable(
    [query, key, value],
    (query, key, value) => {
      const q = byGroup(query);
      // With the features in rows a block's keys are a few long runs of memory, which are cut much faster.
      const [k, v] = [turn(key), turn(value)];
      const outputs = blocks.map((block) =>
        tf.tidy(() => {
          const [keys, values] = [upTo(k, block), upTo(v, block)];
          const weights = weightsOf(tf.matMul(queriesOf(q, block), keys) as tf.Tensor3D, keys, mask, block);
          return tf.matMul(weights, values, false, true) as tf.Tensor3D;
        }),
      );
      const output = join(outputs);
      return { value: output, saved: [query, key, v, output, mask] };
    },
    (dy, [query, key, v, output, mask]) => {
      const rowSums: tf.Tensor4D = tf.sum(tf.mul(dy, output), -1, true);
      const gradients = gradientsOf(blocks, {
        query: byGroup(query),
        // Turned in another way than before: a runtime that computes equal things once would else keep what was cut of them
        // for every block and layer until here.
        key: tf.reshape(tf.transpose(key, [0, 1, 3, 2]), [pairs, headWidth, time]),
        value: tf.concat([v, tf.ones([pairs, 1, time])], 1),
        dOutput: byGroup(dy),
        dOutputLess: byGroup(tf.concat([dy, tf.neg(rowSums)], -1)),
        mask,
      });
      const [dQuery, dKey, dValue] = gradients;
      const turnBack = (parts: readonly tf.Tensor3D[]) =>
        tf.reshape(tf.transpose(tf.concat([...parts], 2), [0, 2, 1]), key.shape);
      return [join(dQuery), turnBack(dKey), turnBack(dValue)];
    },
  );
}

/** @param x [pairs, groups, time, width] @returns [pairs, groups * positions, width]: the rows of a block */
function queriesOf(x: tf.Tensor4D, { start, end }: Block): tf.Tensor3D {
  const [pairs, groups, , width] = x.shape;
  const rows = tf.slice(x, [0, 0, start, 0], [-1, -1, end - start, -1]);
  return tf.reshape(rows, [pairs, groups * (end - start), width]);
}

/** Columns that a block sees. @param x [pairs, features, time] */
function upTo(x: tf.Tensor3D, { end }: Block): tf.Tensor3D {
  return tf.slice(x, [0, 0, 0], [-1, -1, end]);
}

/** Arrays of a block's scores that the gradient has in use at its peak: test/block-memory.test.ts. */
export const scoresAtATime = 8;

/** Numbers of all blocks' masks that may be there at a time: 32 MiB, which 4 096 positions take. */
const mostOfMasks = 2 ** 23;

/** Numbers of the masks that are there for all blocks and layers at a time. @param groups queries that share a key head */
export function keptMasks(groups: number, positions: number): number {
  const all = (groups * positions ** 2) / 2;
  return all > mostOfMasks ? 0 : all;
}

/**
 * @param scores [pairs, groups * positions, end]
 * @param keys what they were computed with: the mask of a long sequence is made after them, because a runtime would make that
 * of every block once for all layers, and keep it
 */
function weightsOf(scores: tf.Tensor3D, keys: tf.Tensor3D, mask: tf.Tensor2D, block: Block): tf.Tensor3D {
  const groups = scores.shape[1] / (block.end - block.start);
  const rows = keptMasks(groups, mask.shape[1]) > 0 ? maskOf(mask, block) : maskAfter(keys, mask, block);
  return tf.softmax(tf.add(scores, tf.tile(rows, [groups, 1])) as tf.Tensor3D);
}

/** Rows of a block's positions, columns up to its end. */
function maskOf(mask: tf.Tensor2D, { start, end }: Block): tf.Tensor2D {
  const [length, columns] = mask.shape;
  return tf.slice(mask, [0, columns - length - start], [end - start, end]);
}

/** The same, made once the keys are there, of the last columns, beside which a block sees everything. */
function maskAfter(keys: tf.Tensor3D, mask: tf.Tensor2D, { start, end }: Block): tf.Tensor2D {
  const [length, columns] = mask.shape;
  const own: tf.Tensor2D = tf.slice(mask, [0, columns - length], [end - start, end - start]);
  return tf.pad(after(own, [keys]), [
    [0, 0],
    [start, 0],
  ]);
}

/**
 * Zero where a position of the last block of `time` may see, and a large negative number beyond. [length, columns], where a
 * block from `start` to `end` takes the `end` columns from `columns - length - start` on.
 */
export function blockMask(length: number, time: number): tf.Tensor2D {
  const earlier = (Math.ceil(time / length) - 1) * length;
  return tf.tidy(() => tf.concat([tf.zeros([length, earlier]), causalMask(length, length)], 1));
}

interface Backward {
  /** [pairs, groups, time, headWidth] */
  readonly query: tf.Tensor4D;
  /** [pairs, headWidth, time] */
  readonly key: tf.Tensor3D;
  /** [pairs, headWidth + 1, time]: one more feature, 1, */
  readonly value: tf.Tensor3D;
  readonly dOutput: tf.Tensor4D;
  /** times one more here, less the products with the output: so the sums are subtracted without a pass over the scores. */
  readonly dOutputLess: tf.Tensor4D;
  readonly mask: tf.Tensor2D;
}

type Parts = tf.Tensor3D[];

/**
 * Gradients of the queries of each block, and of its keys and values, those turned. From the last block on: what earlier
 * blocks have not added to, they do not see.
 */
function gradientsOf(blocks: readonly Block[], given: Backward): [query: Parts, key: Parts, value: Parts] {
  const parts: [Parts, Parts, Parts] = [[], [], []];
  /** Gradients of earlier keys and values, from the blocks so far. */
  let earlier: tf.Tensor3D[] = [];
  for (const block of blocks.toReversed()) {
    const { start, end } = block;
    const done = tf.tidy(() => {
      // A runtime that orders operators itself would else begin every block before it ends one, with all their scores.
      const latest = [...parts.flatMap((gradients) => gradients.slice(0, 1)), ...earlier];
      const queries = after(queriesOf(given.query, block), latest);
      const [keys, values] = [upTo(given.key, block), upTo(given.value, block)];
      const weights = weightsOf(tf.matMul(queries, keys) as tf.Tensor3D, keys, given.mask, block);
      const dScores: tf.Tensor3D = tf.mul(weights, tf.matMul(queriesOf(given.dOutputLess, block), values));
      const ofColumns = [
        tf.matMul(queries, dScores, true),
        tf.matMul(queriesOf(given.dOutput, block), weights, true),
      ].map((gradient, index) => (earlier.length === 0 ? gradient : tf.add(gradient, earlier[index]!))) as Parts;
      const cut = (from: number, to: number) =>
        ofColumns.map((gradient) => tf.slice(gradient, [0, 0, from], [-1, -1, to - from]));
      const ofQueries: tf.Tensor3D = tf.matMul(dScores, keys, false, true);
      return { query: ofQueries, own: cut(start, end), earlier: cut(0, start) };
    });
    tf.dispose(earlier);
    for (const [index, gradient] of [done.query, ...done.own].entries()) parts[index]!.unshift(gradient);
    earlier = done.earlier;
  }
  return parts;
}
