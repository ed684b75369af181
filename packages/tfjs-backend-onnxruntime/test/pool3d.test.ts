import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

type Size = number | [number, number, number];
type Pad = 'same' | 'valid' | number;
type Rounding = 'floor' | 'round' | 'ceil';
type Pool = (x: tf.Tensor, size: Size, strides: Size, pad: Pad, rounding?: Rounding) => tf.Tensor;

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const fallbacks = () => Object.keys(backend.statistics.fallbacks).join();

const maxPool: Pool = (x, ...options) => tf.maxPool3d(x as tf.Tensor5D, ...options);
const avgPool: Pool = (x, ...options) => tf.avgPool3d(x as tf.Tensor5D, ...options);
const pools: [string, Pool][] = [
  ['maxPool3d', maxPool],
  ['avgPool3d', avgPool],
];

/** The result, and the gradient of the sum of its squares: dy differs from element to element. */
const withGradient =
  (pool: Pool, x: () => tf.Tensor, size: Size, strides: Size, pad: Pad, rounding?: Rounding) => () => [
    pool(x(), size, strides, pad, rounding),
    tf.grad((volume: tf.Tensor) => tf.square(pool(volume, size, strides, pad, rounding)))(x()),
  ];

describe.each(pools)('%s and its gradient', (_, pool) => {
  test.each(
    (['same', 'valid', 1] as const).flatMap((pad) =>
      ([1, 2, 3, [1, 2, 3]] as Size[]).map((strides) => ({ pad, strides })),
    ),
  )('padding $pad, strides $strides', async ({ pad, strides }) => {
    await expectSameAsCpu(
      withGradient(pool, () => random([2, 7, 8, 6, 3]), 3, strides, pad),
      1e-5,
    );
    // tfjs-cpu mixes up positions of the largest where height and width of the window differ: see below.
    await expectSameAsCpu(
      withGradient(pool, () => random([1, 9, 6, 7, 2]), [4, 2, 2], strides, pad),
      1e-5,
    );
    expect(fallbacks()).toBe('');
  });

  test('windows of one element, of the whole volume, without a batch, and with gaps between them', async () => {
    if (pool === avgPool)
      await expectSameAsCpu(
        withGradient(pool, () => random([2, 5, 6, 7, 3]), 1, 2, 'same'),
        1e-5,
      );
    await expectSameAsCpu(
      withGradient(pool, () => random([2, 5, 5, 5, 3]), 1, 2, 'valid'),
      1e-5,
    );
    await expectSameAsCpu(
      withGradient(pool, () => random([2, 3, 4, 4, 3]), [3, 4, 4], 1, 'valid'),
      1e-5,
    );
    await expectSameAsCpu(
      withGradient(pool, () => random([6, 5, 6, 2]), 3, 2, 'same'),
      1e-5,
    );
    await expectSameAsCpu(
      withGradient(pool, () => random([1, 9, 10, 11, 2]), 2, 4, 'same'),
      1e-5,
    );
    expect(fallbacks()).toBe('');
  });

  test.each(['floor', 'round', 'ceil'] as const)('rounding %s', async (rounding) => {
    for (const [size, strides, pad] of [
      [2, 2, 0],
      [3, 2, 1],
      [2, 3, 1],
    ] as const) {
      await expectSameAsCpu(
        withGradient(pool, () => random([2, 5, 6, 7, 2]), size, strides, pad, rounding),
        1e-5,
      );
    }
  });

  test('leaves to tfjs-cpu windows that lie wholly in the padding', async () => {
    await expectSameAsCpu(() => pool(random([1, 3, 3, 3, 2]), 2, 1, 2));
    expect(fallbacks()).toMatch(/Pool3D/);
  });
});

describe('gradient of maxPool3d', () => {
  test('goes to the last of equal elements, as on tfjs-cpu', async () => {
    const few = () => tf.cast(randomIntegers([2, 6, 6, 7, 3], 0, 3), 'float32');
    for (const strides of [1, 2, 3]) {
      for (const pad of ['same', 'valid'] as const) {
        await expectSameAsCpu(withGradient(maxPool, few, 3, strides, pad), 1e-5);
      }
    }
    expect(fallbacks()).toBe('');
  });

  test.each([
    [[2, 3, 2], 1, 'same'],
    [[1, 2, 4], [1, 2, 3], 'valid'],
    [[3, 1, 2], 2, 'same'],
  ] as [Size, Size, Pad][])('of windows %j, where tfjs-cpu is wrong', (size, strides, pad) => {
    const x = random([2, 6, 7, 8, 3]);
    const result = maxPool(x, size, strides, pad);
    const y = random(result.shape, -1, 1, 9);
    const dx = tf.grad((volume: tf.Tensor) => maxPool(volume, size, strides, pad))(x, y);
    const sum = (products: tf.Tensor) => tf.sum(products).dataSync()[0] as number;
    // Doubling x doubles the result: <pool(x), y> = <x, gradient(y)>.
    expect(sum(tf.mul(x, dx))).toBeCloseTo(sum(tf.mul(result, y)), 3);
    // And a step so small that no other element becomes the largest changes the result by its product with the gradient.
    const step = tf.mul(random(x.shape, -1, 1, 11), 1e-4);
    const change = tf.sub(maxPool(tf.add(x, step), size, strides, pad), result);
    expect(sum(tf.mul(change, y)) / 1e-4).toBeCloseTo(sum(tf.mul(step, dx)) / 1e-4, 0);
  });
});
