import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

type Triple = [number, number, number];
type Size = number | Triple;
/** tfjs declares 'same' and 'valid' only, and computes numbers too. */
type Pad = 'same' | 'valid';
const padding = (elements: number) => elements as unknown as Pad;

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const fallbacks = () => Object.keys(backend.statistics.fallbacks).join();

/** Small whole numbers: every sum of their products is exact in any order, so results are compared bit by bit. */
const exact = (shape: number[], seed?: number) => tf.cast(randomIntegers(shape, -3, 4, seed), 'float32');

/** The result and, for the sum of its squares, both gradients: dy differs from element to element. */
const convolution = (volume: number[], filter: number[], strides: Size, pad: Pad) => () => {
  const f = (x: tf.Tensor, w: tf.Tensor) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, strides, pad);
  const inputs = [exact(volume), exact(filter, 5)] as const;
  return [f(...inputs), ...tf.grads((x: tf.Tensor, w: tf.Tensor) => tf.square(f(x, w)))([...inputs])];
};

describe('conv3d and its gradients', () => {
  test.each(
    (['same', 'valid', padding(1), padding(3)] as const).flatMap((pad) =>
      ([1, 2, 3, [2, 1, 3]] as Size[]).map((strides) => ({ pad, strides })),
    ),
  )('padding $pad, strides $strides', async ({ pad, strides }) => {
    await expectSameAsCpu(convolution([2, 7, 8, 6, 3], [3, 3, 3, 3, 4], strides, pad), 0);
    await expectSameAsCpu(convolution([1, 5, 9, 4, 2], [2, 5, 1, 2, 3], strides, pad), 0);
    await expectSameAsCpu(convolution([3, 4, 5, 6, 1], [1, 1, 1, 1, 2], strides, pad), 0);
    expect(fallbacks()).toBe('');
  });

  test('of one volume without a batch, of one element, and of strides beyond the filter', async () => {
    await expectSameAsCpu(convolution([5, 6, 7, 2], [3, 3, 3, 2, 2], 1, 'same'), 0);
    await expectSameAsCpu(convolution([1, 1, 1, 1, 3], [1, 1, 1, 3, 2], 1, 'valid'), 0);
    await expectSameAsCpu(convolution([2, 9, 10, 11, 2], [1, 2, 2, 2, 3], 4, 'same'), 0);
    await expectSameAsCpu(convolution([2, 9, 10, 11, 2], [2, 2, 2, 2, 3], [4, 5, 3], 'valid'), 0);
    expect(fallbacks()).toBe('');
  });

  test.each([2, [1, 2, 3]] as Size[])('dilations %j', async (dilations) => {
    const dilated = (pad: Pad) => () =>
      tf.conv3d(
        exact([2, 8, 9, 7, 2]) as tf.Tensor5D,
        exact([3, 2, 3, 2, 4], 5) as tf.Tensor5D,
        1,
        pad,
        'NDHWC',
        dilations as Triple,
      );
    for (const pad of ['same', 'valid', padding(2)] as const) await expectSameAsCpu(dilated(pad), 0);
    expect(fallbacks()).toBe('');
  });

  test('conv3dTranspose', async () => {
    for (const [size, strides] of [
      [[1, 4, 4, 4, 3], 1],
      [[1, 8, 7, 8, 3], 2],
    ] as const) {
      const filter = () => exact([3, 3, 3, 3, 2], 5) as tf.Tensor5D;
      const x = () => exact([1, 4, 4, 4, 2]) as tf.Tensor5D;
      await expectSameAsCpu(() => tf.conv3dTranspose(x(), filter(), [...size], strides, 'same'), 0);
    }
    expect(fallbacks()).toBe('');
  });

  test('leaves to tfjs-cpu a dy of another size, and a filter larger than the volume', async () => {
    const x = () => exact([1, 3, 3, 3, 2]) as tf.Tensor5D;
    const filter = () => exact([2, 2, 2, 3, 2], 5) as tf.Tensor5D;
    await expectSameAsCpu(() => tf.conv3dTranspose(x(), filter(), [1, 9, 9, 9, 3], 2, 'valid'), 0);
    expect(fallbacks()).toBe('Conv3DBackpropInputV2');
    await expectSameAsCpu(() => tf.conv3d(x(), random([4, 2, 2, 2, 3]) as tf.Tensor5D, 1, 'valid'));
    expect(fallbacks()).toBe('Conv3DBackpropInputV2,Conv3D');
  });

  test('are adjoint to each other', () => {
    // The convolution is linear in both: <conv(x, w), y> = <x, dx(y)> = <w, dw(y)>.
    for (const [strides, pad] of [
      [1, 'same'],
      [2, 'same'],
      [[3, 1, 2], 'valid'],
    ] as [Size, Pad][]) {
      const f = (x: tf.Tensor, w: tf.Tensor) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, strides, pad);
      const [x, w] = [random([2, 6, 7, 5, 3]), random([3, 2, 3, 3, 4], -1, 1, 5)];
      const result = f(x, w);
      const y = random(result.shape, -1, 1, 9);
      const [dx, dw] = tf.grads(f)([x, w], y) as [tf.Tensor, tf.Tensor];
      const [forward, byX, byW] = [tf.mul(result, y), tf.mul(x, dx), tf.mul(w, dw)].map(
        (products) => tf.sum(products).dataSync()[0] as number,
      );
      expect(byX).toBeCloseTo(forward as number, 2);
      expect(byW).toBeCloseTo(forward as number, 2);
    }
  });
});

describe('models of volumes', () => {
  test('give the same gradients inside compile', () => {
    const network = (x: tf.Tensor, w: tf.Tensor) => {
      const features = tf.relu(tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, 'same'));
      return tf.mean(tf.square(tf.avgPool3d(tf.maxPool3d(features, 2, 2, 'valid') as tf.Tensor5D, 2, 1, 'same')));
    };
    const gradients = (x: tf.Tensor, w: tf.Tensor) => tf.grads(network)([x, w]);
    const fast = compile(gradients);
    for (const seed of [1, 2]) {
      const inputs = [random([2, 6, 6, 8, 3], -2, 2, seed), random([3, 3, 3, 3, 2], -1, 1, seed)] as const;
      const values = (results: tf.Tensor[]) => results.map((result) => Array.from(result.dataSync()));
      expect(values(fast(...inputs))).toEqual(values(gradients(...inputs)));
    }
    expect(fallbacks()).toBe('');
  });

  test('train with tf.layers as on tfjs-cpu', async () => {
    const train = async (name: string) => {
      await tf.setBackend(name);
      const kernelInitializer = () => tf.initializers.glorotUniform({ seed: 3 });
      const model = tf.sequential({
        layers: [
          tf.layers.conv3d({
            inputShape: [6, 6, 6, 2],
            filters: 4,
            kernelSize: 3,
            padding: 'same',
            activation: 'relu',
            kernelInitializer: kernelInitializer(),
          }),
          tf.layers.maxPooling3d({ poolSize: [2, 2, 2] }),
          tf.layers.conv3d({ filters: 3, kernelSize: 2, kernelInitializer: kernelInitializer() }),
          tf.layers.averagePooling3d({ poolSize: [2, 2, 2] }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 1, kernelInitializer: kernelInitializer() }),
        ],
      });
      model.compile({ optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError' });
      const y = random([8, 1], -1, 1);
      const x = tf.add(random([8, 6, 6, 6, 2], -1, 1, 5), tf.reshape(y, [8, 1, 1, 1, 1]));
      const { history } = await model.fit(x, tf.mul(y, -2), { epochs: 5, batchSize: 4, shuffle: false, verbose: 0 });
      return history.loss as number[];
    };
    const expected = await train('cpu');
    const losses = await train('onnxruntime');
    for (const [epoch, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[epoch] as number, 5);

    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 2);
    expect(fallbacks()).toBe('');
  });
});
