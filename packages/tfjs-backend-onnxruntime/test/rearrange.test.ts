import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

type Case = [name: string, shape: number[], run: (x: tf.Tensor) => tf.Tensor];
const blocks: Case[] = [
  ['depthToSpace', [2, 3, 2, 8], (x) => tf.depthToSpace(x as tf.Tensor4D, 2)],
  ['depthToSpace of blocks of 3', [1, 2, 1, 18], (x) => tf.depthToSpace(x as tf.Tensor4D, 3)],
  [
    'spaceToBatchND',
    [2, 4, 6, 3],
    (x) =>
      tf.spaceToBatchND(
        x,
        [2, 3],
        [
          [0, 0],
          [0, 0],
        ],
      ),
  ],
  [
    'spaceToBatchND with paddings',
    [1, 3, 5, 2],
    (x) =>
      tf.spaceToBatchND(
        x,
        [2, 4],
        [
          [1, 0],
          [1, 2],
        ],
      ),
  ],
  ['spaceToBatchND of one axis', [2, 5, 3], (x) => tf.spaceToBatchND(x, [3], [[0, 1]])],
  [
    'batchToSpaceND',
    [12, 2, 3, 2],
    (x) =>
      tf.batchToSpaceND(
        x,
        [2, 3],
        [
          [0, 0],
          [0, 0],
        ],
      ),
  ],
  [
    'batchToSpaceND with crops',
    [4, 3, 3, 2],
    (x) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [1, 0],
          [2, 1],
        ],
      ),
  ],
  ['batchToSpaceND of one axis', [6, 2, 3], (x) => tf.batchToSpaceND(x, [3], [[0, 1]])],
];

const padding = (mode: 'reflect' | 'symmetric', paddings: [number, number][]) => (x: tf.Tensor) =>
  tf.mirrorPad(x, paddings, mode);
const mirrors: Case[] = [
  ['reflect a vector', [5], padding('reflect', [[4, 2]])],
  ['symmetric vector', [5], padding('symmetric', [[5, 3]])],
  [
    'reflect an image',
    [2, 4, 3, 2],
    padding('reflect', [
      [0, 0],
      [2, 3],
      [1, 2],
      [0, 0],
    ]),
  ],
  [
    'symmetric, every axis',
    [2, 3, 1],
    padding('symmetric', [
      [1, 2],
      [0, 3],
      [1, 0],
    ]),
  ],
  ['nothing to pad', [3], padding('reflect', [[0, 0]])],
];

describe.each([...blocks, ...mirrors])('%s', (name, shape, run) => {
  test('is what tfjs-cpu gives, for floats and whole numbers', async () => {
    await expectSameAsCpu(() => run(random(shape)), 0);
    // tfjs takes floats only for depthToSpace.
    if (!name.startsWith('depthToSpace')) await expectSameAsCpu(() => run(randomIntegers(shape, -9, 9)), 0);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('works inside compile', () => {
    const f = (x: tf.Tensor) => tf.neg(run(tf.square(x)));
    expect(Array.from(compile(f)(random(shape)).dataSync())).toEqual(Array.from(f(random(shape)).dataSync()));
  });
});

describe.each(blocks.filter(([name]) => !name.startsWith('depth')))('the gradient of %s', (_, shape, run) => {
  test('is that of tfjs-cpu', async () => {
    await expectSameAsCpu(() => tf.grad((x: tf.Tensor) => tf.square(run(x)))(random(shape)));
    expect(backend.statistics.fallbacks).toEqual({});
  });
});
