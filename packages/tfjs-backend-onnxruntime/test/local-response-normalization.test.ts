import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const images = (channels: number) => random([2, 3, 4, channels]) as tf.Tensor4D;
const gradient = (f: (x: tf.Tensor4D) => tf.Tensor) => tf.grad((x: tf.Tensor) => f(x as tf.Tensor4D));
type Settings = [radius: number, bias: number, alpha: number, beta: number];
const settings: [channels: number, ...Settings][] = [
  [8, 5, 1, 1, 0.5],
  [17, 2, 1, 1e-2, 0.75],
  [9, 0, 2, 0.3, 0.5],
  [1, 5, 1, 1, 0.5],
  [3, 50, 0.5, 2, 1],
  [6, 1, -1, 1, 0.5],
  [6, 2, 0, 1, 0.5],
];

describe('localResponseNormalization', () => {
  test.each(settings)(
    '%s channels, radius %s, bias %s, alpha %s, beta %s, and its gradient',
    async (channels, ...rest) => {
      await expectSameAsCpu(() => [
        tf.localResponseNormalization(images(channels), ...rest),
        gradient((x) => tf.square(tf.localResponseNormalization(x, ...rest)))(images(channels)),
      ]);
      expect(backend.statistics.fallbacks).toEqual({});
    },
  );

  test('keeps infinities and NaN to the channels near them', async () => {
    const x = () => {
      const buffer = tf.buffer([1, 1, 3, 16], 'float32', images(16).dataSync().slice(0, 48) as Float32Array);
      buffer.set(Number.POSITIVE_INFINITY, 0, 0, 0, 3);
      buffer.set(Number.NaN, 0, 0, 1, 12);
      buffer.set(0, 0, 0, 2, 0);
      return buffer.toTensor() as tf.Tensor4D;
    };
    await expectSameAsCpu(() => [
      tf.localResponseNormalization(x(), 2),
      gradient((y) => tf.localResponseNormalization(y, 2))(x()),
    ]);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('takes images without a batch, and computes nothing of empty ones', async () => {
    await expectSameAsCpu(() => tf.localResponseNormalization(random([3, 4, 6]) as tf.Tensor3D, 2));
    expect(backend.statistics.fallbacks).toEqual({});
    await expectSameAsCpu(() => tf.localResponseNormalization(tf.zeros([0, 3, 3, 2]) as tf.Tensor4D, 2));
  });

  test('works inside compile', () => {
    const f = (x: tf.Tensor) => gradient((y) => tf.localResponseNormalization(y, 2))(tf.mul(x, 2) as tf.Tensor4D);
    expect(Array.from(compile(f)(images(7)).dataSync())).toEqual(Array.from(f(images(7)).dataSync()));
  });
});
