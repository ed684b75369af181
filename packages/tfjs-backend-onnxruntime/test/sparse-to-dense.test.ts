import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const places = () => randomIntegers([300, 2], 0, 9) as tf.Tensor2D;

describe('sparseToDense', () => {
  test('takes the last of several values for one place', async () => {
    await expectSameAsCpu(
      () => [
        tf.sparseToDense(places(), random([300]) as tf.Tensor1D, [9, 10], -1.5),
        tf.sparseToDense(places(), randomIntegers([300], -9, 10) as tf.Tensor1D, [9, 9], tf.scalar(7, 'int32')),
        tf.sparseToDense(places(), tf.greater(random([300]), 0) as tf.Tensor1D, [9, 9], tf.scalar(1, 'bool')),
      ],
      0,
    );
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('takes a place, a list of places in a vector, and one value for all', async () => {
    await expectSameAsCpu(
      () => [
        tf.sparseToDense(tf.scalar(2, 'int32'), tf.scalar(3), [5]),
        tf.sparseToDense(tf.tensor1d([3, 0, 3], 'int32'), tf.tensor1d([1, NaN, -Infinity]), [5], NaN),
        tf.sparseToDense(places(), tf.scalar(0.5), [9, 9]),
      ],
      0,
    );
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('refuses places outside: at once, or when the graph that computes them runs', async () => {
    await useBackend({ logging: 'fatal' });
    const at = (place: tf.Tensor) => tf.sparseToDense(place as tf.Tensor1D, tf.tensor1d([1, 2]), [4]);
    expect(() => at(tf.tensor1d([1, 4], 'int32'))).toThrow('Invalid indices: 4 does not index into 4');
    expect(() => at(tf.tensor1d([-1, 0], 'int32'))).toThrow('Invalid indices: -1');
    expect(() => at(tf.neg(tf.tensor1d([1, 0], 'int32'))).dataSync()).toThrow('SparseToDense');
  });

  test('leaves results without elements and strings to tfjs-cpu', async () => {
    await expectSameAsCpu(() => tf.sparseToDense(tf.zeros([0, 2], 'int32') as tf.Tensor2D, tf.tensor1d([]), [2, 2]));
    const strings = tf.sparseToDense(tf.tensor1d([1], 'int32'), tf.tensor1d(['a']), [2], tf.scalar('b'));
    expect(strings.dataSync()).toEqual(['b', 'a']);
    expect(backend.statistics.fallbacks).toEqual({ SparseToDense: 2 });
  });

  test('works inside compile', () => {
    const f = (x: tf.Tensor) => tf.sparseToDense(places(), x as tf.Tensor1D, [9, 9], 2);
    expect(Array.from(compile(f)(random([300])).dataSync())).toEqual(Array.from(f(random([300])).dataSync()));
  });
});
