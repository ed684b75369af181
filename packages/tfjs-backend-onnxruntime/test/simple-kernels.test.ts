import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const special = [NaN, -0, Infinity, -Infinity, 2];

const cases: [name: string, run: () => tf.Tensor | tf.Tensor[]][] = [
  [
    'diag',
    () => [
      tf.diag(random([7])),
      tf.diag(tf.tensor1d(special)),
      tf.diag(randomIntegers([2, 3], -9, 10)),
      tf.diag(tf.tensor1d([1, 0, 1], 'bool')),
      tf.diag(random([1])),
      tf.diag(random([2, 2, 2])),
    ],
  ],
  ['flipLeftRight', () => [1, 2, 5].map((width) => tf.image.flipLeftRight(random([2, 3, width, 3]) as tf.Tensor4D))],
  [
    'bitwiseAnd',
    () => [
      tf.bitwiseAnd(randomIntegers([50], -(2 ** 31), 2 ** 31), randomIntegers([50], -(2 ** 31), 2 ** 31, 3)),
      tf.bitwiseAnd(tf.tensor2d([-1, -(2 ** 31), 5, 0], [2, 2], 'int32'), tf.tensor2d([7, -1, 3, 9], [2, 2], 'int32')),
    ],
  ],
  [
    'linspace',
    () => [tf.linspace(0, 1, 1000), tf.linspace(-0.1, 7.3, 77), tf.linspace(5, -5, 12), tf.linspace(3, 9, 1)],
  ],
  [
    'range',
    () => [
      tf.range(0, 100, 0.1),
      tf.range(1, 9, 2),
      tf.range(9, 1),
      tf.range(9, 1, -0.3),
      tf.range(0, 10, 1, 'int32'),
      tf.range(0, 5, 0.5, 'int32'),
      tf.range(3, 3),
      tf.range(1, 5, -1),
      tf.range(0, Number.NaN),
    ],
  ],
];

describe('equals tfjs-cpu to the bit, and does not use it', () => {
  test.each(cases)('%s', async (_, run) => {
    await expectSameAsCpu(run, 0);
    expect(backend.statistics.fallbacks).toEqual({});
  });
});

describe('inside compile', () => {
  test('computes a graph of them', () => {
    const f = (x: tf.Tensor) => {
      const masked = tf.bitwiseAnd(tf.cast(x, 'int32'), tf.onesLike(tf.cast(x, 'int32')));
      return tf.add(tf.diag(tf.mul(x, tf.linspace(0, 1, 6))), tf.add(tf.range(0, 6), masked));
    };
    const x = () => random([6], 0, 9);
    expect(Array.from(compile(f)(x()).dataSync())).toEqual(Array.from(f(x()).dataSync()));
  });

  test('flips the images of the call, not of the recording', () => {
    const flip = compile((x: tf.Tensor) => tf.image.flipLeftRight(tf.square(x) as tf.Tensor4D));
    const image = (values: number[]) => tf.tensor4d(values, [1, 1, 3, 1]);
    expect(Array.from(flip(image([1, 2, 3])).dataSync())).toEqual([9, 4, 1]);
    expect(Array.from(flip(image([4, 5, 6])).dataSync())).toEqual([36, 25, 16]);
  });
});
