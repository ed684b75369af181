import * as tf from '@tensorflow/tfjs';

/** A call whose tensors have twice as many elements as float32 has whole numbers, and how far off its results may be. */
export type LargeCase = readonly [name: string, tolerance: number, run: () => tf.Tensor];

/** 2^25 elements: the software adapter writes to no more at a time. */
const [rows, columns] = [4096, 8192];

/** Whole numbers below 4093; made here, since a device may divide a little off. */
function numbers(height: number, width: number): tf.Tensor2D {
  const elements = new Float32Array(height * width);
  for (let at = 0; at < elements.length; at++) elements[at] = (at * 3 + Math.floor(at / width) * 7) % 4093;
  return tf.tensor2d(elements, [height, width]);
}

/** One column of every row. */
const places = (height: number, width: number) =>
  Int32Array.from({ length: height }, (_, row) => (row * 7919 + 5) % width);

function coordinates(height: number, width: number): tf.Tensor2D {
  const chosen = places(height, width);
  const pairs = Int32Array.from({ length: 2 * height }, (_, at) =>
    at % 2 === 0 ? at / 2 : (chosen[(at - 1) / 2] as number),
  );
  return tf.tensor2d(pairs, [height, 2], 'int32');
}

/** The gradient of the mean cross-entropy of logits, as a training step computes it: softmax minus one at the target. */
function lossGradient(height: number, width: number): tf.Tensor {
  const probabilities = tf.softmax(tf.mul(numbers(height, width), 1e-3) as tf.Tensor2D);
  const targets = coordinates(height, width);
  const atTargets = tf.gatherND(probabilities, targets);
  return tf.tensorScatterUpdate(probabilities, targets, tf.sub(atTargets, 1));
}

export const largeCases: readonly LargeCase[] = [
  ['gradient of a loss of 4096 x 8192', 1e-7, () => lossGradient(4096, 8192)],
  ['gradient of a loss of 8192 x 4096', 1e-7, () => lossGradient(8192, 4096)],
  ['scatterND', 0, () => tf.scatterND(coordinates(rows, columns), tf.range(1, rows + 1), [rows, columns])],
  [
    'gather',
    0,
    () => tf.gather(tf.reshape(numbers(rows, columns), [-1]), tf.tensor1d([1, 2 ** 24 + 1, 2 ** 25 - 1], 'int32')),
  ],
  ['indices of topk', 0, () => tf.topk(tf.reshape(numbers(rows, columns), [1, -1]), 3).indices],
  ['argMax', 0, () => tf.argMax(tf.reshape(numbers(rows, columns), [-1]))],
  ['cumsum', 0, () => tf.cumsum(numbers(rows, columns), 0)],
  ['sum of whole numbers', 0, () => tf.sum(tf.cast(numbers(rows, columns), 'int32'), 0)],
  ['slice', 0, () => tf.slice(numbers(rows, columns), [rows - 3, 1], [3, columns - 2])],
  ['strides', 0, () => tf.stridedSlice(numbers(rows, columns), [1, 3], [rows, columns], [rows - 2, 5])],
];
