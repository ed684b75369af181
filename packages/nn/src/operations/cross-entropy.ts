import * as tf from '@tensorflow/tfjs-core';
import { after, blocksOf } from './blocks.ts';
import { differentiable } from './differentiable.ts';
import { activeWorkingSet } from './working-set.ts';

/** The smallest normal float32: a probability below it is taken as this, so a token's training loss is at most 87.3 nats. */
const smallestProbability = 1.1754944e-38;

/**
 * Mean cross-entropy of a linear classifier, in nats: logits = H weight^T, loss = mean(-log softmax(logits)[target]).
 * With E the probabilities less one at each row's target and s = dy / rows, dH = E weight s and dweight = E^T (H s).
 * E differs from the probabilities in one element a row, which ONNX Runtime changes in place.
 * @param hiddenStates [rows, width]
 * @param weight [classes, width]
 * @param targets [rows] int32
 * @param most logits [rows, classes] from which on they are computed by blocks of rows
 * @param multiple logits are computed for a multiple of so many classes, unless they are by blocks
 * @returns scalar
 */
export function linearCrossEntropy(
  hiddenStates: tf.Tensor2D,
  weight: tf.Tensor2D,
  targets: tf.Tensor1D,
  most = activeWorkingSet().logits,
  multiple = activeWorkingSet().classes,
): tf.Scalar {
  const [rows, classes] = [hiddenStates.shape[0], weight.shape[0]];
  const inBlock = rowsOfBlock(hiddenStates, weight, most);
  if (inBlock < rows) return crossEntropyInBlocks(hiddenStates, weight, targets, inBlock);
  return differentiable(
    [hiddenStates, weight],
    (hiddenStates, weight) => {
      const filled = filledUp(weight, multiple);
      const { ofTarget, error } = errorOf(hiddenStates, filled, targets, classes);
      return { value: meanLoss(ofTarget), saved: [hiddenStates, filled, error] };
    },
    (dy, [hiddenStates, filled, error]) => {
      const scale = tf.div(dy, rows);
      const dWeight: tf.Tensor2D = tf.matMul(error, tf.mul(hiddenStates, scale), true, false);
      return [tf.mul(tf.matMul(error, filled), scale), firstRows(dWeight, classes)];
    },
  );
}

/** A weight with zeros for classes that there are not, up to a multiple. */
function filledUp(weight: tf.Tensor2D, multiple: number): tf.Tensor2D {
  const missing = (multiple - (weight.shape[0] % multiple)) % multiple;
  if (missing === 0) return weight;
  return tf.pad(weight, [
    [0, missing],
    [0, 0],
  ]);
}

function firstRows(matrix: tf.Tensor2D, rows: number): tf.Tensor2D {
  return matrix.shape[0] === rows ? matrix : tf.slice(matrix, [0, 0], [rows, -1]);
}

/** The loss as `linearCrossEntropy` has it: a block's gradients are computed with its loss, because its logits are gone after that. */
function crossEntropyInBlocks(
  hiddenStates: tf.Tensor2D,
  weight: tf.Tensor2D,
  targets: tf.Tensor1D,
  inBlock: number,
): tf.Scalar {
  const [rows] = hiddenStates.shape;
  return differentiable(
    [hiddenStates, weight],
    (hiddenStates, weight) => {
      const picked: tf.Tensor1D[] = [];
      const ofStates: tf.Tensor2D[] = [];
      let ofWeight: tf.Tensor2D | undefined;
      for (const { start, end } of blocksOf(rows, inBlock)) {
        const count = end - start;
        const [state, before] = [tf.slice(hiddenStates, [start, 0], [count, -1]), ofWeight];
        const done = before === undefined ? [] : [picked.at(-1)!, ofStates.at(-1)!, before];
        const states = done.length === 0 ? state : after(state, done);
        const { ofTarget, error } = errorOf(states, weight, tf.slice(targets, [start], [count]));
        picked.push(ofTarget);
        ofStates.push(tf.matMul(error, weight));
        const gradient: tf.Tensor2D = tf.matMul(error, tf.mul(states, 1 / rows), true, false);
        ofWeight = before === undefined ? gradient : tf.add(before, gradient);
      }
      return { value: meanLoss(tf.concat(picked)), saved: [tf.mul(tf.concat(ofStates), 1 / rows), ofWeight!] };
    },
    (dy, gradients) => gradients.map((gradient) => tf.mul(gradient, dy)),
  );
}

/**
 * The probability of each row's target, and the probabilities less one there.
 * @param classes those that there are: the probability of others is 0
 */
function errorOf(
  hiddenStates: tf.Tensor2D,
  weight: tf.Tensor2D,
  targets: tf.Tensor1D,
  classes: number = weight.shape[0],
) {
  const logits = tf.matMul(hiddenStates, weight, false, true);
  const isThere = (index: number) => (index < classes ? 0 : Number.NEGATIVE_INFINITY);
  const mask = () => tf.tensor1d(Float32Array.from({ length: weight.shape[0] }, (_, index) => isThere(index)));
  const probabilities = tf.softmax(weight.shape[0] === classes ? logits : tf.add(logits, mask())) as tf.Tensor2D;
  const ofTarget = pickPerRow(probabilities, targets);
  const places = tf.stack([tf.range(0, targets.size, 1, 'int32'), targets], 1);
  const error = tf.tensorScatterUpdate(probabilities, places, tf.sub(ofTarget, 1)) as tf.Tensor2D;
  return { ofTarget, error };
}

function meanLoss(ofTarget: tf.Tensor1D): tf.Scalar {
  return tf.neg(tf.mean(tf.log(tf.maximum(ofTarget, smallestProbability))));
}

/**
 * The loss of every row, in nats, exact at any size; for evaluation.
 * @returns [rows]
 */
export function linearTokenLosses(
  hiddenStates: tf.Tensor2D,
  weight: tf.Tensor2D,
  targets: tf.Tensor1D,
  most = activeWorkingSet().logits,
): tf.Tensor1D {
  const blocks = blocksOf(targets.size, rowsOfBlock(hiddenStates, weight, most)).map(({ start, end }) => {
    const count = end - start;
    const states = tf.slice(hiddenStates, [start, 0], [count, -1]);
    const logits: tf.Tensor2D = tf.matMul(states, weight, false, true);
    return tf.sub(tf.logSumExp(logits, 1), pickPerRow(logits, tf.slice(targets, [start], [count]))) as tf.Tensor1D;
  });
  return tf.concat(blocks);
}

/** Rows whose logits are computed together: as many at a time as there are to be at most `most` of them. */
function rowsOfBlock(hiddenStates: tf.Tensor2D, weight: tf.Tensor2D, most: number): number {
  const [rows, classes] = [hiddenStates.shape[0], weight.shape[0]];
  const blocks = Math.ceil((rows * classes) / most);
  return Math.ceil(rows / Math.min(blocks, rows));
}

/** matrix[row, columns[row]] for every row; a one-hot product would read the whole matrix. */
function pickPerRow(matrix: tf.Tensor2D, columns: tf.Tensor1D): tf.Tensor1D {
  const [rows, width] = matrix.shape;
  const rowStarts = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(width, 'int32'));
  return tf.gather(tf.reshape(matrix, [-1]) as tf.Tensor1D, tf.add(rowStarts, columns));
}
