import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const row = () => randomIntegers([500], 0, 30) as tf.Tensor1D;
const rows = () => randomIntegers([6, 200], 0, 30) as tf.Tensor2D;
const none = (dtype: 'float32' | 'int32' = 'float32') => tf.tensor1d([], dtype);
/** The types want matrices, tfjs takes any tensor without elements. */
const noRows = (dtype: 'float32' | 'int32' = 'float32') => none(dtype) as tf.Tensor as tf.Tensor2D;

describe('bincount and denseBincount', () => {
  // 30 is beyond every number, 12 drops some.
  test.each([30, 12, 1])('count the numbers below %s', async (size) => {
    await expectSameAsCpu(
      () => [
        tf.bincount(row(), none(), size),
        tf.bincount(row(), none('int32'), size),
        tf.denseBincount(row() as tf.Tensor as tf.Tensor2D, noRows(), size),
        tf.denseBincount(row() as tf.Tensor as tf.Tensor2D, noRows(), size, true),
        tf.denseBincount(rows(), noRows(), size),
        tf.denseBincount(rows(), noRows('int32'), size, true),
      ],
      0,
    );
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('add weights in the order of tfjs', async () => {
    await expectSameAsCpu(
      () => [
        tf.bincount(row(), random([500]) as tf.Tensor1D, 12),
        tf.bincount(row(), randomIntegers([500], -9, 10) as tf.Tensor1D, 12),
        tf.denseBincount(rows(), random([6, 200]) as tf.Tensor2D, 12),
        tf.denseBincount(rows(), random([6, 200]) as tf.Tensor2D, 12, true),
        tf.bincount(tf.tensor1d([0, 1, 1, 5], 'int32'), tf.tensor1d([NaN, Infinity, -Infinity, NaN]), 4),
      ],
      0,
    );
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('refuse negative numbers: at once, or when the graph that computes them runs', async () => {
    await useBackend({ logging: 'fatal' });
    const negative = () => tf.tensor1d([1, -1, 2], 'int32');
    expect(() => tf.bincount(negative(), none(), 4)).toThrow('Input x must be non-negative!');
    expect(() => tf.bincount(tf.neg(negative()), none(), 4).dataSync()).toThrow('Bincount');
  });

  test('leave to tfjs-cpu what has no elements or bools as weights', async () => {
    await expectSameAsCpu(() => [
      tf.bincount(tf.tensor1d([], 'int32'), none(), 3),
      tf.bincount(row(), none(), 0),
      tf.bincount(row(), tf.onesLike(row()).toBool() as tf.Tensor1D, 3),
    ]);
    expect(backend.statistics.fallbacks).toEqual({ Bincount: 3 });
  });

  test('work inside compile', () => {
    const f = (x: tf.Tensor) => tf.denseBincount(tf.abs(x as tf.Tensor2D), noRows(), 12);
    expect(Array.from(compile(f)(rows()).dataSync())).toEqual(Array.from(f(rows()).dataSync()));
  });
});
