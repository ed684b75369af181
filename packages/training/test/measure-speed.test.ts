import '@tensorflow/tfjs';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import { countModel, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { expectedTime, type MeasuredSpeed, measureSpeed } from '../src/index.ts';
import { configWith } from './support/tiny-runs.ts';

beforeAll(async () => {
  registerOnnxRuntimeBackend({ threads: 1 });
  await tf.setBackend('onnxruntime');
});

test('measures the parts of a run, and leaves no tensor behind', async () => {
  const before = tf.memory().numTensors;
  const once = (await measureSpeed(configWith(), compile)) as MeasuredSpeed;
  expect(tf.memory().numTensors).toBe(before);
  for (const time of Object.values(once)) expect(time).toBeGreaterThan(0);
});

test('a step takes as many passes as it has micro-batches', async () => {
  // Every look at the clock is a millisecond: measurements of the same work are equal.
  let looks = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => looks++);
  onTestFinished(() => clock.mockRestore());
  const once = await measureSpeed(configWith(), compile);
  const many = await measureSpeed(configWith({ training: { gradientAccumulation: 20 } }), compile);
  expect(many!.step).toBeCloseTo(20 * once!.step, 9);
  expect(many!.evaluationBatch).toBe(once!.evaluationBatch);
});

test('does not try what takes longer than somebody would wait', async () => {
  const model = { layers: 12, width: 4096, heads: 32, context: 1024 };
  expect(await measureSpeed(configWith({ dataset: { vocabSize: 50_257 }, model }), compile)).toBeUndefined();
});

test('of a sequence that takes longer it trains a part, and counts the operations of the whole', async () => {
  // Every look at the clock is a millisecond: a pass takes as long, whatever it computes.
  let looks = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => looks++);
  onTestFinished(() => clock.mockRestore());
  const config = configWith({ model: { context: 1024 } });
  const whole = resolveModelConfig(config.model, 300);
  const { flopsPerToken } = countModel(whole);
  const [once, part] = [
    await measureSpeed(config, compile, 4 * 1024 * flopsPerToken),
    await measureSpeed(config, compile, 300 * flopsPerToken),
  ];
  const ofPart = 300 * countModel({ ...whole, context: 300 }).flopsPerToken;
  expect(part!.step / once!.step).toBeCloseTo((4 * 1024 * flopsPerToken) / ofPart, 9);
  expect(await measureSpeed(config, compile, 255 * flopsPerToken)).toBeUndefined();
});

test('a run is its start, its steps, and its evaluations, the last of which takes all windows', () => {
  const speed: MeasuredSpeed = { step: 10, evaluationBatch: 3, start: 1000 };
  // Evaluated after steps 0, 6, 12 and 24: three times 2 batches, and then 9 windows in batches of 4.
  expect(expectedTime(configWith(), speed, 9)).toBe(1000 + 24 * 10 + (3 * 2 + 3) * 3);
  // A split of one batch limits all evaluations.
  expect(expectedTime(configWith(), speed, 4)).toBe(1000 + 24 * 10 + (3 + 1) * 3);
});
