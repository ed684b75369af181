import '@tensorflow/tfjs';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import type { Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Learner, parseConfig } from '../src/index.ts';
import { LossMonitor } from '../src/loop/divergence.ts';
import { firstToDiverge } from '../src/loop/first-to-diverge.ts';
import { initialRunState } from '../src/loop/run-state.ts';
import { batchRows, tinyModel } from './support/tiny-model.ts';

describe('LossMonitor', () => {
  test('names the parameters whose gradients rose most since the loss was lowest', () => {
    const state = initialRunState();
    const monitor = new LossMonitor(state, 1);
    for (const loss of [6, 5, 4]) expect(monitor.observe(loss, { a: 1, b: 0.01, c: 0, d: 2 })).toBe(false);
    expect(monitor.mostRisen()).toEqual([]);
    expect(monitor.observe(6, { a: 3, b: 0.9, c: 5, d: 120 })).toBe(false);
    // A resumed run goes on from what a checkpoint kept.
    const resumed = new LossMonitor(JSON.parse(JSON.stringify(state)), 1);
    expect(resumed.observe(40, { a: 3, b: 0.5, c: 5, d: 80 })).toBe(true);
    // 50 and 40 times as much; a only 3 times, and c was 0.
    expect(resumed.mostRisen()).toEqual(['b', 'd']);
  });
});

describe.each(['cpu', 'onnxruntime'])('a step that is not finite, on %s', (backend) => {
  beforeAll(async () => {
    registerOnnxRuntimeBackend({ threads: 1 });
    await tf.setBackend(backend);
  });

  const shape = { layers: 3, feedForward: { kind: 'apaluglu' }, bias: true };
  const block = 'blocks.1.feedForward';

  /** Trains two good steps and then one in which `spoil` has changed a parameter. */
  async function spoiledStep(name: string, spoil: (values: Float32Array) => Float32Array, training: object = {}) {
    const model = tinyModel(shape);
    const config = parseConfig({ training: { steps: 9, batchSize: 2, ...training } }).training;
    function* microBatches() {
      for (let n = 0; n < config.gradientAccumulation; n++) yield batchRows(model, 2 * n, 2 * n + 2);
    }
    const learner = new Learner(model, config, compile);
    const { trainStep } = learner;
    for (const step of [1, 2]) expect((await trainStep.run(step, microBatches())).nonFinite).toEqual([]);
    const { variable } = model.parameters.find((parameter) => parameter.name === name)!;
    const values = spoil((await variable.data()) as Float32Array);
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    const before = await snapshot(model);
    const tensors = tf.memory().numTensors;
    const { nonFinite } = await trainStep.run(3, microBatches());
    expect(await snapshot(model)).toEqual(before);
    const first = await firstToDiverge(model, microBatches(), nonFinite);
    expect(tf.memory().numTensors).toBe(tensors);
    const learned = trainStep.parameters.map((parameter) => parameter.name);
    learner.dispose();
    return { first, nonFinite, learned };
  }

  async function snapshot(model: Gpt): Promise<Float32Array[]> {
    return Promise.all(model.parameters.map(async ({ variable }) => Float32Array.from(await variable.data())));
  }

  test('names the parameter that held a NaN, though every gradient is spoiled', async () => {
    const oneNaN = (values: Float32Array) => values.map((value, index) => (index === 5 ? Number.NaN : value));
    const { first, nonFinite, learned } = await spoiledStep('blocks.1.attention.key.weight', oneNaN);
    expect(nonFinite).toEqual(learned);
    expect(first).toEqual(['blocks.1.attention.key.weight']);
  });

  test.each([
    ['one pass', {}],
    ['several passes and a moving average', { gradientAccumulation: 2, movingAverage: {} }],
  ])('names the part of the model that overflowed first with finite weights: %s', async (_, training) => {
    const huge = (values: Float32Array) => values.map(() => 3e38);
    const { first, nonFinite, learned } = await spoiledStep(`${block}.up.weight`, huge, training);
    expect(nonFinite).toEqual(learned);
    expect(first.length).toBeGreaterThan(4);
    expect(first.filter((name) => !name.startsWith(block))).toEqual([]);
    expect(first).toEqual(learned.filter((name) => name.startsWith(block)));
  });

  test('names the gradients that overflowed where others did not', async () => {
    const model = tinyModel(shape);
    const { variable } = model.parameters[0]!;
    const before = await snapshot(model);
    expect(await firstToDiverge(model, [batchRows(model, 0, 2)], ['blocks.0.attentionNorm.gain'])).toEqual([
      'blocks.0.attentionNorm.gain',
    ]);
    expect(await snapshot(model)).toEqual(before);
    expect(variable.isDisposed).toBe(false);
    model.dispose();
  });
});
