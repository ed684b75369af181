import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const images = () => random([2, 7, 6, 3]) as tf.Tensor4D;
const both = (x: tf.Tensor, size: number, stride: number, pad: 'same' | 'valid', withBatch: boolean): tf.Tensor[] => {
  const { result, indexes } = tf.maxPoolWithArgmax(x as tf.Tensor4D, size, stride, pad, withBatch);
  return [result, indexes] as tf.Tensor[];
};

describe('maxPoolWithArgmax', () => {
  test.each([
    [2, 2, 'valid', false],
    [3, 1, 'same', false],
    [3, 2, 'same', true],
    [2, 3, 'valid', true],
  ] as const)('window %s, stride %s, %s, batch in the index %s', async (size, stride, pad, withBatch) => {
    await expectSameAsCpu(() => both(images(), size, stride, pad, withBatch), 0);
    const ties = () => tf.cast(randomIntegers([2, 7, 6, 3], 0, 3), 'float32');
    await expectSameAsCpu(() => both(ties(), size, stride, pad, withBatch), 0);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('gives the place of infinities, passes over NaN, and gives -1 where there is nothing larger than the smallest', async () => {
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const image = () =>
      tf.tensor4d([low, low, 1, high, low, low, low, 2, 3, 4, 5, low, 6, NaN, low, NaN], [1, 4, 4, 1]);
    await expectSameAsCpu(() => both(image(), 2, 2, 'valid', false), 0);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('works inside compile', () => {
    const f = (x: tf.Tensor) => both(tf.square(x), 2, 2, 'same', true);
    const results = [compile(f)(images()), f(images())];
    const [compiled, plain] = results.map((list) => list.map((tensor) => Array.from(tensor.dataSync())));
    expect(compiled).toEqual(plain);
  });
});
