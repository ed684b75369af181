import * as tf from '@tensorflow/tfjs';
import { random } from './reference.ts';

type Results = tf.Tensor | tf.Tensor[];

/** A function, tensors for it, and the operators that are left of it when kernels of ours compute what they can. */
export interface FusionCase {
  readonly name: string;
  readonly fn: (...inputs: never[]) => Results;
  readonly inputs: () => tf.Tensor[];
  readonly left: readonly string[];
}

const one = ['Fused'];

function fusionCase(
  name: string,
  fn: (...inputs: never[]) => Results,
  inputs: () => tf.Tensor[],
  left: readonly string[] = one,
): FusionCase {
  return { name, fn, inputs, left };
}

const broadcasts: readonly [number[], number[]][] = [
  [[3, 4], []],
  [[3, 4], [4]],
  [
    [3, 4],
    [3, 1],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 5],
  ],
  [
    [2, 3, 4, 5],
    [2, 1, 4, 1],
  ],
  [
    [2, 3, 4],
    [1, 1, 1],
  ],
];

const sums: readonly [shape: number[], axis: number | number[] | undefined, kernels: number][] = [
  [[3, 4], undefined, 1],
  [[3, 4], 1, 1],
  [[3, 4], 0, 1],
  [[2, 3, 4, 5], [2, 3], 1],
  [[2, 3, 4, 5], [0, 1], 1],
  [[3, 1, 4], [0, 1], 1],
  [[400, 600], 1, 1],
  [[2, 5000], 1, 2],
  [[300, 40], 0, 2],
  [[10_000], undefined, 2],
];

const maxima: readonly [shape: number[], axis: number | number[] | undefined][] = [
  [[3, 4], undefined],
  [[3, 4], 1],
  [
    [2, 3, 4, 5],
    [2, 3],
  ],
  [[400, 600], 1],
  [[2, 5000], 1],
];

const joints: readonly [shapes: number[][], axis: number][] = [
  [[[3], [1], [4]], 0],
  [
    [
      [2, 3],
      [5, 3],
    ],
    0,
  ],
  [
    [
      [3, 2],
      [3, 5],
    ],
    1,
  ],
  [
    [
      [2, 3, 4],
      [2, 1, 4],
      [2, 3, 4],
    ],
    1,
  ],
];

/** What becomes kernels, and what does not. */
export const fusionCases: readonly FusionCase[] = [
  fusionCase(
    'everything that is only on the way',
    (x: tf.Tensor, y: tf.Tensor) => tf.add(tf.mul(tf.exp(x), y), tf.div(tf.neg(x), y)),
    () => [random([3, 4]), random([3, 4], 0.5, 2)],
  ),
  ...broadcasts.map(([shape, other]) =>
    fusionCase(
      `${JSON.stringify(shape)} and ${JSON.stringify(other)}, which is broadcast`,
      (x: tf.Tensor, y: tf.Tensor) => tf.tanh(tf.sub(tf.mul(x, y), y)),
      () => [random(shape), random(other)],
    ),
  ),
  fusionCase(
    'other shapes',
    (x: tf.Tensor, y: tf.Tensor) => tf.mul(tf.reshape(tf.exp(tf.reshape(x, [6, 2])), [3, 4]), y),
    () => [random([12]), random([4])],
  ),
  fusionCase(
    'several results, of which one is read by another',
    (x: tf.Tensor, y: tf.Tensor) => {
      const sum = tf.add(x, y);
      return [sum, tf.square(sum), tf.mul(tf.square(sum), x)];
    },
    () => [random([50, 70]), random([50, 70])],
  ),
  fusionCase(
    'one operator alone, which stays',
    (x: tf.Tensor) => tf.sqrt(x),
    () => [random([5], 1, 2)],
    ['Sqrt'],
  ),
  fusionCase(
    'a product in between, which stays',
    (x: tf.Tensor2D, y: tf.Tensor2D) => tf.tanh(tf.add(tf.matMul(tf.mul(tf.add(x, 1), 2), y), 1)),
    () => [random([3, 4]), random([4, 5])],
    ['Fused', 'MatMul', 'Fused'],
  ),
  fusionCase(
    'every formula',
    (x: tf.Tensor, y: tf.Tensor) => [
      tf.mul(tf.erf(x), tf.sin(x)),
      tf.mul(tf.cos(x), tf.atan(x)),
      tf.mul(tf.tanh(x), tf.abs(x)),
      tf.mul(tf.log(y), tf.exp(x)),
      tf.mul(tf.reciprocal(y), tf.sqrt(y)),
      tf.mul(tf.relu(x), tf.neg(x)),
      tf.mul(tf.minimum(x, y), tf.maximum(x, y)),
      tf.div(tf.addN([x, y, x]), tf.sub(y, 3)),
    ],
    () => [random([20], -1, 1), random([20], 0.5, 1.5)],
  ),
  // CUDA has no kernel for it.
  fusionCase(
    'an operator that CUDA lacks',
    (x: tf.Tensor) => tf.atan(x),
    () => [random([5])],
  ),
  fusionCase(
    'constants in all their digits, and NaN as it is',
    (x: tf.Tensor) => [tf.add(tf.mul(x, 0.1), 1e-7), tf.mul(tf.relu(x), 2), tf.add(tf.maximum(x, 1e-7), 1)],
    () => [tf.tensor1d([Number.NaN, -1, 0, Number.POSITIVE_INFINITY, 1e-30])],
  ),
  fusionCase(
    'minus zero',
    (x: tf.Tensor) => tf.div(1, tf.mul(tf.abs(x), -0)),
    () => [random([5], 1, 2)],
  ),
  fusionCase(
    'more terms than a kernel takes, which stay',
    (...terms: tf.Tensor[]) => tf.mul(tf.addN(terms), 2),
    () => Array.from({ length: 300 }, () => random([3])),
    ['Sum', 'Mul'],
  ),
  fusionCase(
    'a transposition that leaves the last axis',
    (x: tf.Tensor, y: tf.Tensor) => tf.mul(tf.transpose(tf.add(x, 1), [0, 2, 1, 3]), y),
    () => [random([2, 3, 4, 5]), random([2, 4, 3, 5])],
  ),
  fusionCase(
    'one that is alone',
    (x: tf.Tensor) => tf.transpose(x, [1, 0, 2]),
    () => [random([3, 4, 5])],
  ),
  fusionCase(
    'one of the last axis, which stays',
    (x: tf.Tensor) => tf.transpose(x),
    () => [random([3, 4])],
    ['Transpose'],
  ),
  fusionCase(
    'what is read at another place, which another kernel writes',
    (x: tf.Tensor, y: tf.Tensor) => {
      const sum = tf.add(tf.mul(x, y), y);
      return [sum, tf.add(tf.mul(tf.transpose(sum, [1, 0, 2]), x), y)];
    },
    () => [random([4, 4, 2]), random([4, 4, 2])],
    ['Fused', 'Fused'],
  ),
  ...sums.map(([shape, axis, kernels]) =>
    fusionCase(
      `sums of ${JSON.stringify(shape)} over ${JSON.stringify(axis)}`,
      (x: tf.Tensor) => tf.sum(tf.square(x), axis),
      () => [random(shape, -0.1, 0.1)],
      Array.from({ length: kernels }, () => 'Fused'),
    ),
  ),
  fusionCase(
    'sums over an axis in between, which stay',
    (x: tf.Tensor) => tf.sum(tf.square(x), 1),
    () => [random([2, 3, 4])],
    ['Mul', 'ReduceSum'],
  ),
  fusionCase(
    'means, with the axis that stays',
    (x: tf.Tensor) => tf.div(x, tf.sqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-6))),
    () => [random([60, 80])],
    ['Fused', 'Fused'],
  ),
  ...maxima.map(([shape, axis]) =>
    fusionCase(
      `maxima of ${JSON.stringify(shape)} over ${JSON.stringify(axis)}`,
      (x: tf.Tensor) => tf.max(tf.mul(x, 2), axis),
      () => [random(shape, -3, -1)],
    ),
  ),
  ...[3, 3000].map((columns) =>
    fusionCase(
      `maxima of ${columns} columns with NaN and infinities`,
      (x: tf.Tensor) => tf.max(tf.mul(x, 2), 1, true),
      () => [
        tf.concat(
          [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map((odd) =>
            tf.tensor2d(
              Float32Array.from({ length: columns }, (_, index) => (index === columns - 2 ? odd : -1)),
              [1, columns],
            ),
          ),
        ),
      ],
    ),
  ),
  fusionCase(
    'maxima over an axis in between, which stay',
    (x: tf.Tensor) => tf.max(tf.square(x), 1),
    () => [random([2, 3, 4])],
    ['Mul', 'IsNaN', 'Cast', 'ReduceMax', 'Cast', 'ReduceMax', 'Where'],
  ),
  fusionCase(
    'maxima of few rows that are too long for a block, which stay',
    (x: tf.Tensor) => tf.max(tf.square(x), 1),
    () => [random([2, 2 ** 17 + 1])],
    ['Mul', 'IsNaN', 'Cast', 'ReduceMax', 'Cast', 'ReduceMax', 'Where'],
  ),
  fusionCase(
    'the logarithm of a sum of exponentials',
    (x: tf.Tensor) => tf.logSumExp(tf.mul(x, 2), -1),
    () => [random([30, 70], -50, 50)],
    ['Fused', 'Fused', 'Fused'],
  ),
  ...joints.map(([shapes, axis]) =>
    fusionCase(
      `${JSON.stringify(shapes)} joined along axis ${axis}`,
      (...parts: tf.Tensor[]) => tf.concat([tf.mul(parts[0]!, 2), ...parts.slice(1)], axis),
      () => shapes.map((shape) => random(shape)),
    ),
  ),
  fusionCase(
    'a softmax over scores of two parts, each with its mask',
    (a: tf.Tensor, b: tf.Tensor, mask: tf.Tensor) => tf.softmax(tf.concat([tf.add(a, mask), b], 3)),
    () => [random([2, 3, 4, 5]), random([2, 3, 4, 2]), random([1, 1, 1, 5])],
  ),
  fusionCase(
    'products with one column',
    (x: tf.Tensor2D, y: tf.Tensor2D) => tf.matMul(tf.mul(x, 2), y),
    () => [random([60, 80]), random([80, 1])],
  ),
  ...[4, 300, 2000].map((columns) =>
    fusionCase(
      `a softmax of ${columns} columns with its scale and mask`,
      (x: tf.Tensor, mask: tf.Tensor) => tf.softmax(tf.add(tf.mul(x, 0.5), mask)),
      () => [random([2, 3, 5, columns]), random([5, columns], -5, 0)],
    ),
  ),
  fusionCase(
    'a softmax of -infinity and NaN',
    (x: tf.Tensor) => tf.softmax(tf.mul(x, 2)),
    () => [tf.tensor2d([0, Number.NEGATIVE_INFINITY, 1, Number.NaN, 0, 1], [2, 3])],
  ),
  fusionCase(
    'a softmax of a long row of NaN and -infinity',
    (x: tf.Tensor) => tf.softmax(tf.mul(x, 2)),
    () => {
      const number = (index: number) => (index === 3 ? Number.NaN : index < 10 ? 1 : Number.NEGATIVE_INFINITY);
      return [
        tf.tensor2d(
          Float32Array.from({ length: 4000 }, (_, index) => number(index % 2000)),
          [2, 2000],
        ),
      ];
    },
  ),
];
