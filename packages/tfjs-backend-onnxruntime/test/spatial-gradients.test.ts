import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, useBackend } from './support/reference.ts';

type Explicit = [[number, number], [number, number], [number, number], [number, number]];
type Pad = 'same' | 'valid' | number | Explicit;
type Rounding = 'floor' | 'round' | 'ceil';

const uneven: Explicit = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];
const wide: Explicit = [
  [0, 0],
  [3, 0],
  [0, 4],
  [0, 0],
];

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

/** Fallbacks of gradients until now; other kernels may have some. */
const gradientFallbacks = () =>
  Object.entries(backend.statistics.fallbacks).filter(([call]) => /AvgPoolGrad|NativeBackprop/.test(call));

async function expectGraph(run: () => tf.Tensor[]): Promise<void> {
  const before = gradientFallbacks();
  await expectSameAsCpu(run, 1e-5);
  expect(gradientFallbacks()).toEqual(before);
}

async function expectFallback(run: () => tf.Tensor[]): Promise<void> {
  const before = gradientFallbacks();
  await expectSameAsCpu(run, 1e-5);
  expect(gradientFallbacks()).not.toEqual(before);
}

/** Gradients of the sum of squares, so that dy differs from element to element. */
const depthwise =
  (
    image: number[],
    filter: number[],
    strides: number | [number, number],
    pad: Pad,
    rounding?: Rounding,
  ): (() => tf.Tensor[]) =>
  () =>
    tf.grads((x: tf.Tensor, w: tf.Tensor) =>
      tf.square(tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad, 'NHWC', 1, rounding)),
    )([random(image), random(filter, -1, 1, 5)]);

const avgPool =
  (
    image: number[],
    size: number | [number, number],
    strides: number | [number, number],
    pad: Pad,
    rounding?: Rounding,
  ): (() => tf.Tensor[]) =>
  () => [
    tf.grad((x: tf.Tensor) => tf.square(tf.avgPool(x as tf.Tensor4D, size, strides, pad, rounding)))(random(image)),
  ];

describe('gradients of depthwiseConv2d', () => {
  test.each(
    (['same', 'valid', uneven, wide] as const).flatMap((pad) =>
      ([1, 2, 3, [2, 1]] as (number | [number, number])[]).flatMap((strides) =>
        [1, 2].map((multiplier) => ({ pad, strides, multiplier })),
      ),
    ),
  )('padding $pad, strides $strides, $multiplier filters of a channel', async ({ pad, strides, multiplier }) => {
    await expectGraph(depthwise([2, 8, 7, 3], [3, 3, 3, multiplier], strides, pad));
    await expectGraph(depthwise([1, 9, 6, 2], [2, 5, 2, multiplier], strides, pad));
  });

  test.each(['floor', 'round', 'ceil'] as const)('rounding %s', async (rounding) => {
    for (const size of [1, 2, 3]) {
      for (const strides of [2, 3]) {
        await expectGraph(depthwise([2, 5, 6, 2], [size, size, 2, 2], strides, 0, rounding));
        await expectGraph(depthwise([2, 5, 6, 2], [size, size, 2, 2], strides, 1, rounding));
      }
    }
  });

  test('of one image without a batch, of one pixel, and of a stride beyond the filter', async () => {
    await expectGraph(depthwise([6, 6, 2], [3, 3, 2, 1], 1, 'same'));
    await expectGraph(depthwise([1, 1, 1, 4], [1, 1, 4, 1], 1, 'valid'));
    await expectGraph(depthwise([2, 9, 9, 2], [1, 2, 2, 3], 4, 'same'));
  });

  test('of many channels', async () => {
    await expectGraph(depthwise([4, 12, 12, 32], [3, 3, 32, 1], 1, 'same'));
  });

  test('leaves to tfjs-cpu what it computes without the dilations', async () => {
    const attributes = { strides: 1, pad: 'valid', dilations: 2 };
    const run = (name: string, inputs: Record<string, tf.Tensor>, shapes: Record<string, number[]>) =>
      tf.engine().runKernel(name, inputs, { ...attributes, ...shapes }) as tf.Tensor;
    const dy = () => random([1, 4, 4, 2]);
    await expectFallback(() => [
      run(
        'DepthwiseConv2dNativeBackpropInput',
        { dy: dy(), filter: random([3, 3, 2, 1]) },
        { inputShape: [1, 8, 8, 2] },
      ),
    ]);
    await expectFallback(() => [
      run('DepthwiseConv2dNativeBackpropFilter', { dy: dy(), x: random([1, 8, 8, 2]) }, { filterShape: [3, 3, 2, 1] }),
    ]);
  });
});

describe('gradient of avgPool', () => {
  test.each(
    (['same', 'valid', uneven] as const).flatMap((pad) =>
      ([1, 2, 3, [1, 2]] as (number | [number, number])[]).map((strides) => ({ pad, strides })),
    ),
  )('padding $pad, strides $strides', async ({ pad, strides }) => {
    await expectGraph(avgPool([2, 8, 7, 3], 3, strides, pad));
    await expectGraph(avgPool([1, 9, 6, 2], [2, 4], strides, pad));
  });

  test.each(['floor', 'round', 'ceil'] as const)('rounding %s that leaves whole windows', async (rounding) => {
    await expectGraph(avgPool([2, 6, 8, 2], 2, 2, 0, rounding));
  });

  test('of windows of one element, of the whole image, and of an image without a batch', async () => {
    await expectGraph(avgPool([2, 5, 5, 3], 1, 2, 'valid'));
    await expectGraph(avgPool([2, 5, 4, 3], [5, 4], 1, 'valid'));
    await expectGraph(avgPool([6, 6, 2], 3, 2, 'same'));
  });

  test('leaves to tfjs-cpu a dy of windows that it does not count', async () => {
    await expectFallback(avgPool([2, 5, 5, 2], 2, 2, 0, 'ceil'));
  });
});

describe('inside compile', () => {
  test('gives both gradients in one graph', async () => {
    const network = (x: tf.Tensor, w: tf.Tensor) =>
      tf.mean(tf.square(tf.avgPool(tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'same'), 2, 1, 'same')));
    const gradients = (x: tf.Tensor, w: tf.Tensor) => tf.grads(network)([x, w]);
    const fast = compile(gradients);
    for (const seed of [1, 2]) {
      const inputs = [random([2, 8, 8, 3], -2, 2, seed), random([3, 3, 3, 2], -1, 1, seed)] as const;
      const results = fast(...inputs);
      const expected = gradients(...inputs);
      for (const [index, result] of results.entries()) {
        expect(result.shape).toEqual(expected[index]?.shape);
        expect(Array.from(result.dataSync())).toEqual(Array.from((expected[index] as tf.Tensor).dataSync()));
      }
    }
    expect(gradientFallbacks()).toEqual([]);
  });
});

describe('gradients of conv2d', () => {
  const conv2d = (image: number[], filter: number[], strides: number, pad: number) => () =>
    tf.grads((x: tf.Tensor, w: tf.Tensor) =>
      tf.square(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad) as tf.Tensor),
    )([random(image), random(filter, -1, 1, 5)]);

  test('where tfjs has fewer windows than fit, and where all of them lie in the padding', async () => {
    await expectSameAsCpu(conv2d([3, 6, 6, 3], [3, 2, 3, 1], 2, 1));
    await expectSameAsCpu(conv2d([1, 3, 2, 3], [3, 1, 3, 8], 2, 1));
    await expectSameAsCpu(conv2d([2, 3, 1, 1], [3, 1, 1, 8], 1, 1));
    expect(backend.statistics.fallbacks).toEqual({});
  });
});

describe('pools with filters that are not square, and a number as padding', () => {
  test.each([
    ['maxPool', tf.maxPool],
    ['avgPool', tf.avgPool],
  ])('%s and its gradient', async (_, operation) => {
    const pool = (size: [number, number], strides: number, pad: number) => (x: tf.Tensor) =>
      operation(x as tf.Tensor4D, size, strides, pad);
    for (const f of [pool([3, 2], 2, 1), pool([3, 2], 1, 0), pool([5, 2], 1, 0), pool([2, 3], 1, 1)]) {
      await expectSameAsCpu(() => [f(random([2, 6, 6, 3])), tf.grad((x) => tf.square(f(x)))(random([2, 6, 6, 3]))]);
    }
    expect(backend.statistics.fallbacks).toEqual({});
  });
});
