import { backendVersions, compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import { feedForwardKindNames, TokenGenerator } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pretendCuda, watchGraphs } from '../../../test/support/pretend-cuda.ts';
import { Learner, parseConfig } from '../src/index.ts';
import { hasCudaKernel, tableVersion } from './support/cuda-kernels.ts';
import { batchRows, tinyModel } from './support/tiny-model.ts';

/** Operators of the graphs that were compiled, with the types of their inputs, and whether CUDA has none. */
const operators = new Map<string, boolean>();

beforeAll(async () => {
  pretendCuda();
  registerOnnxRuntimeBackend({ device: 'cuda', threads: 2 });
  await tf.setBackend('onnxruntime');
  watchGraphs(({ nodes, tensors }) => {
    for (const { op, inputs } of nodes) {
      const types = inputs.map((name) => (name === '' ? '' : tensors.get(name)!.type));
      operators.set(`${op}(${types})`, hasCudaKernel(op, types));
    }
  });
});

beforeEach(() => operators.clear());

const withoutKernel = () => [...operators].flatMap(([operator, isThere]) => (isThere ? [] : [operator]));

/** Operators without a kernel, for which a kernel of ours is made. */
const lacking: Readonly<Record<string, readonly string[]>> = { xatglu: ['Atan(float32)'] };

test('the table is that of the version which is installed', () => {
  expect(backendVersions()).toMatchObject({ onnxruntime: tableVersion, device: 'cuda' });
});

describe('CUDA has a kernel for every operator', () => {
  // The widths, layers and contexts of the benchmark's models change no operator.
  test.each(feedForwardKindNames)('of a training step with %s', async (kind) => {
    const model = tinyModel({ feedForward: { kind } });
    const { training } = parseConfig({ training: { steps: 2, schedule: { name: 'constant' } } });
    const learner = new Learner(model, training, compile);
    for (const step of [1, 2]) await learner.trainStep.run(step, [batchRows(model, 0, 2)]);
    learner.dispose();
    expect(operators.size).toBeGreaterThan(20);
    expect(withoutKernel()).toEqual(lacking[kind] ?? []);
  });

  test('of generation', async () => {
    const generator = new TokenGenerator(tinyModel(), { compile });
    const tokens: unknown[] = [];
    for await (const token of generator.generate([[1, 2]], { maximumTokens: 3, temperature: 0, seed: 1 }))
      tokens.push(token);
    generator.dispose();
    expect(tokens.length).toBe(3);
    expect(operators.size).toBeGreaterThan(5);
    expect(withoutKernel()).toEqual([]);
  });

  test.each(['adamw', 'lion', 'muon', 'sgd'])('of a training step by %s', async (name) => {
    const training = { steps: 2, schedule: { name: 'constant' }, gradientAccumulation: 2, movingAverage: {} };
    const config = parseConfig({ model: { dropout: 0.1 }, training: { ...training, optimizer: { name } } });
    const model = tinyModel({ dropout: 0.1, kvHeads: 1, norm: 'layernorm', position: 'learned' });
    const learner = new Learner(model, config.training, compile);
    for (const step of [1, 2]) await learner.trainStep.run(step, [batchRows(model, 0, 2), batchRows(model, 2, 4)]);
    learner.dispose();
    expect(operators.size).toBeGreaterThan(20);
    expect(withoutKernel()).toEqual([]);
  });

  test('of a convolutional network of tf.layers that learns', async () => {
    const network = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [8, 8, 2], filters: 4, kernelSize: 3, activation: 'relu', padding: 'same' }),
        tf.layers.batchNormalization(),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.dropout({ rate: 0.25, seed: 1 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    network.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });
    await network.trainOnBatch(tf.randomNormal([2, 8, 8, 2]), tf.eye(2, 3));
    expect(operators.size).toBeGreaterThan(10);
    expect(withoutKernel()).toEqual([]);
  });
});
