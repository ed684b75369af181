import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

beforeAll(async () => {
  await useBackend();
});

const gradientCases: [string, (x: tf.Tensor) => tf.Tensor][] = [
  ['elementwise chain', (x) => tf.mul(tf.sigmoid(x), tf.tanh(tf.add(x, 1)))],
  ['erf, softplus, exp', (x) => tf.add(tf.erf(x), tf.mul(tf.softplus(x), tf.exp(tf.neg(x))))],
  ['relu and clip', (x) => tf.add(tf.relu(x), tf.clipByValue(x, -1, 1))],
  ['elu', (x) => tf.elu(x)],
  ['broadcast', (x) => tf.div(x, tf.add(2.5, tf.sum(tf.square(x), 0, true)))],
  ['root mean square', (x) => tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5)))],
  ['matMul', (x) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D, true)],
  ['softmax', (x) => tf.mul(tf.softmax(x), x)],
  ['logSumExp', (x) => tf.logSumExp(x, -1)],
  ['max', (x) => tf.max(x, 1)],
  [
    'transpose, slice, concat',
    (x) => tf.square(tf.concat([tf.transpose(x), tf.slice(tf.transpose(x), [1, 0], [2, 4])], 0)),
  ],
  [
    'split',
    (x) => {
      const [a, b] = tf.split(x, 2, 0) as [tf.Tensor, tf.Tensor];
      return tf.mul(a, tf.square(b));
    },
  ],
  [
    'pad and tile',
    (x) =>
      tf.square(
        tf.add(
          tf.pad(tf.square(x), [
            [1, 0],
            [0, 1],
          ]),
          tf.tile(tf.slice(x, [0, 0], [1, 1]), [5, 4]),
        ),
      ),
  ],
  ['gather with repeats', (x) => tf.square(tf.gather(x, tf.tensor1d([0, 2, 2, 2], 'int32')))],
  ['where', (x) => tf.where(tf.greater(random([4, 3], -1, 1, 3), 0), tf.square(x), tf.neg(x))],
  ['cumsum', (x) => tf.square(tf.cumsum(x, 1))],
  ['stack and unstack', (x) => tf.mul(...(tf.unstack(tf.stack([x, tf.square(x)])) as [tf.Tensor, tf.Tensor]))],
];

describe('gradients agree with tfjs-cpu', () => {
  test.each(gradientCases)('%s', async (_, f) => {
    await expectSameAsCpu(() => tf.grad((x: tf.Tensor) => f(x))(random([4, 3])), 2e-5);
  });
});

describe('repeated indices', () => {
  // ScatterND with reduction races at two threads and more: 4 096 rows over 8 indices would show it.
  test('adds every row at two threads', async () => {
    await expectSameAsCpu(
      () =>
        tf.unsortedSegmentSum(random([4096, 64]), tf.cast(randomIntegers([4096], 0, 8), 'int32') as tf.Tensor1D, 16),
      1e-4,
    );
  });

  test('gives the gradient of an embedding', async () => {
    const indices = () => randomIntegers([2048], 0, 5) as tf.Tensor1D;
    await expectSameAsCpu(() => tf.grad((w: tf.Tensor) => tf.sum(tf.gather(w, indices())))(random([7, 128])), 1e-5);
  });

  test('counts exactly, again and again', () => {
    const ids = tf.zeros([3000], 'int32') as tf.Tensor1D;
    for (let repeat = 0; repeat < 10; repeat++) {
      const sums = tf.unsortedSegmentSum(tf.ones([3000, 32]), ids, 3);
      expect(Array.from(sums.dataSync().slice(0, 64))).toEqual([...new Array(32).fill(3000), ...new Array(32).fill(0)]);
    }
  });
});
