import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const coordinates = [0, -0, 1, -1, 3, -3, 1e30, -1e30, 1e-40, -1e-40, 3e38, -3e38, Infinity, -Infinity, NaN];
const pairs = () => [tf.tensor2d(coordinates, [15, 1]), tf.tensor2d(coordinates, [1, 15])] as const;

describe('atan2', () => {
  test('is right for zeros, infinities and NaN in every quadrant', async () => {
    await expectSameAsCpu(() => tf.atan2(...pairs()), 3e-7);
    // The sign of zero, which equality does not see.
    await expectSameAsCpu(() => tf.div(1, tf.atan2(...pairs())), 3e-7);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('has the digits of float32 all around', async () => {
    const turns = () => tf.mul(tf.range(-500, 501), Math.PI / 500);
    await expectSameAsCpu(() => tf.atan2(tf.sin(turns()), tf.cos(turns())), 3e-7);
    await expectSameAsCpu(() => tf.atan2(random([20, 1, 30]), random([7, 1], -2, 2, 3)), 3e-7);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('has gradients', async () => {
    await expectSameAsCpu(() => tf.grads((y, x) => tf.atan2(y, x))([random([3, 4]), random([4], -2, 2, 3)]));
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('leaves whole numbers to tfjs-cpu, which cuts the angle off', async () => {
    await expectSameAsCpu(() => tf.atan2(randomIntegers([50], -9, 10), randomIntegers([50], -9, 10, 3)));
    expect(backend.statistics.fallbacks).toEqual({ Atan2: 1 });
  });
});
