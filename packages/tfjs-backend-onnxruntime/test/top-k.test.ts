import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const both = (x: tf.Tensor, k: number, sorted = true) => {
  const { values, indices } = tf.topk(x, k, sorted);
  return [values, indices];
};

describe('topk', () => {
  test.each([1, 2, 5, 40, 299, 300])('gives the %s largest and their places', async (k) => {
    await expectSameAsCpu(() => both(random([3, 2, 300]), k), 0);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  // ONNX Runtime chooses among three algorithms by k and the length: all must take the first of equal elements.
  test.each([
    [10, 3],
    [64, 1],
    [64, 8],
    [500, 7],
    [500, 250],
    [2000, 3],
    [2000, 600],
    [2000, 2000],
  ])('takes the first of equal elements: of %s, %s', async (length, k) => {
    const ties = () => randomIntegers([4, length], -2, 3);
    await expectSameAsCpu(() => [...both(ties(), k), ...both(tf.cast(ties(), 'float32'), k)], 0);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('takes zeros of both signs and one infinity for what they are', async () => {
    await expectSameAsCpu(() => both(tf.tensor1d([-0, 0, -1, -0, 0, Infinity, 1e30, -Infinity]), 8), 0);
  });

  test('has the same elements without an order', () => {
    const [values, indices] = both(random([50]), 9, false) as [tf.Tensor, tf.Tensor];
    const [sorted] = both(random([50]), 9) as [tf.Tensor];
    expect(Array.from(values.dataSync()).sort((a, b) => b - a)).toEqual(Array.from(sorted.dataSync()));
    expect(Array.from(tf.gather(random([50]), indices).dataSync())).toEqual(Array.from(values.dataSync()));
  });

  test('works inside compile', () => {
    const f = (x: tf.Tensor) => both(tf.square(x), 3);
    const results = [compile(f)(random([4, 9])), f(random([4, 9]))];
    const [compiled, plain] = results.map((list) => list.map((tensor) => Array.from(tensor.dataSync())));
    expect(compiled).toEqual(plain);
  });
});
