import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { computeOn, expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

type Resize = (images: tf.Tensor, size: [number, number], align?: boolean, half?: boolean) => tf.Tensor;
const resizes: [string, Resize][] = [
  ['bilinear', (images, ...options) => tf.image.resizeBilinear(images as tf.Tensor4D, ...options)],
  ['nearest', (images, ...options) => tf.image.resizeNearestNeighbor(images as tf.Tensor4D, ...options)],
];
const modes: [string, boolean, boolean][] = [
  ['plain', false, false],
  ['alignCorners', true, false],
  ['halfPixelCenters', false, true],
];
const sizes: [number, number][] = [
  [10, 14],
  [5, 7],
  [3, 2],
  [13, 4],
  [1, 1],
  [1, 9],
];
const cases = resizes.flatMap(([name, resize]) =>
  modes.flatMap(([mode, align, half]) => sizes.map((size) => ({ name, mode, resize, align, half, size }))),
);

const image = () => random([2, 5, 7, 3]);

describe('resized images are those of tfjs-cpu', () => {
  test.each(cases)('$name, $mode, to $size', async ({ resize, align, half, size }) => {
    await expectSameAsCpu(() => resize(image(), size, align, half), 1e-6);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('takes whole numbers', async () => {
    const whole = () => randomIntegers([1, 4, 4, 2], -9, 9);
    await expectSameAsCpu(() => resizes.map(([, resize]) => resize(whole(), [7, 3])));
    await expectSameAsCpu(() => resizes.map(([, resize]) => resize(whole(), [4, 4])));
  });

  test('keeps infinities and NaN where they are', async () => {
    const pixels = () => tf.tensor4d([1, Infinity, 3, NaN, 5, 6, 7, 8, -Infinity, 1, 2, 3], [1, 3, 4, 1]);
    await expectSameAsCpu(() => resizes.map(([, resize]) => resize(pixels(), [5, 9], true)));
  });

  test.each(resizes)('works inside compile: %s', (_, resize) => {
    const f = (x: tf.Tensor) => resize(tf.relu(x), [8, 3], false, true);
    expect(Array.from(compile(f)(image()).dataSync())).toEqual(Array.from(f(image()).dataSync()));
  });
});

describe('gradients of resized images', () => {
  /** One image after the other, and square: tfjs-cpu's gradients are wrong for more images, or for the shape of others. */
  const gradient = (resize: Resize, x: tf.Tensor, size: [number, number], align: boolean, half: boolean) =>
    tf.grad((images: tf.Tensor) => tf.mul(resize(images, size, align, half), random([1, ...size, 2], -1, 1, 3)))(x);

  test.each(cases.filter(({ size: [height], align }) => height > 1 || !align))(
    '$name, $mode, to $size',
    async ({ resize, align, half, size }) => {
      await expectSameAsCpu(() => gradient(resize, random([1, 6, 6, 2]), size, align, half), 1e-5);
      expect(backend.statistics.fallbacks).toEqual({});
    },
  );

  test.each(cases.filter(({ half }) => !half))(
    'of several images that are not square: $name, $mode, to $size',
    ({ resize, align, half, size }) => {
      // Resizing is linear: <resize(x), y> = <x, gradient(y)> for all x and y.
      const [x, y] = [image(), random([2, ...size, 3], -1, 1, 3)];
      const dx = tf.grad((images: tf.Tensor) => tf.mul(resize(images, size, align, half), y))(x);
      expect(dx.shape).toEqual(x.shape);
      const forward = tf.sum(tf.mul(resize(x, size, align, half), y)).dataSync()[0] as number;
      expect(tf.sum(tf.mul(x, dx)).dataSync()[0]).toBeCloseTo(forward, 4);
      // And the sum over one image's gradient is that of its y: the weights of every pixel add up to 1.
      const sums = [tf.sum(dx, [1, 2, 3]), tf.sum(y, [1, 2, 3])].map((sum) => Array.from(sum.dataSync()));
      for (const [at, sum] of (sums[0] as number[]).entries()) expect(sum).toBeCloseTo(sums[1]?.[at] as number, 4);
    },
  );

  test.each(resizes)('works inside compile: %s', async (_, resize) => {
    const f = (x: tf.Tensor) => gradient(resize, x, [9, 4], false, false);
    const x = () => random([1, 6, 6, 2]);
    const [expected] = await computeOn('cpu', () => f(x()));
    await tf.setBackend('onnxruntime');
    const actual = Array.from(compile(f)(x()).dataSync());
    for (const [at, value] of actual.entries()) expect(value).toBeCloseTo(expected?.values[at] as number, 4);
  });
});
