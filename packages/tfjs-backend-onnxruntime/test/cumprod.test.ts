import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

describe('cumprod', () => {
  test.each(
    [0, 1, 2].flatMap((axis) => [false, true].flatMap((exclusive) => [false, true].map((r) => [axis, exclusive, r]))),
  )('along axis %s, exclusive %s, reverse %s', async (axis, exclusive, reverse) => {
    await expectSameAsCpu(
      () =>
        [
          [4, 3, 5],
          [1, 1, 1],
        ].map((shape) => tf.cumprod(random(shape), axis as number, !!exclusive, !!reverse)),
      0,
    );
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('overflows and underflows where tfjs does', async () => {
    await expectSameAsCpu(() => tf.cumprod(tf.tensor1d([1e-30, 1e30, 1e30, 1e-30, 1e-30, 1e-30, 1e30, NaN, 0])), 1e-6);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('leaves whole numbers and long axes to tfjs-cpu', async () => {
    await expectSameAsCpu(() => [tf.cumprod(randomIntegers([9], -9, 9)), tf.cumprod(random([65]))]);
    expect(Object.values(backend.statistics.fallbacks)).toEqual([2]);
  });

  test('works inside compile', () => {
    const f = (x: tf.Tensor) => tf.cumprod(tf.add(x, 1), 1, true);
    expect(Array.from(compile(f)(random([3, 6])).dataSync())).toEqual(Array.from(f(random([3, 6])).dataSync()));
  });
});
