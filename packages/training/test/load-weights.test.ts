import '@tensorflow/tfjs';
import type { Checkpoint, StoredTensor } from '@dynact/runs';
import { modelConfigSchema, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadWeights } from '../src/index.ts';
import { tinyModel } from './support/tiny-model.ts';

let weights: Map<string, StoredTensor>;

beforeAll(async () => {
  await tf.setBackend('cpu');
  const model = tinyModel();
  weights = new Map(
    model.parameters.map(({ name, shape, variable }) => [name, { shape, data: variable.dataSync() as Float32Array }]),
  );
  model.dispose();
});

const checkpointOf = (changed: Record<string, StoredTensor> = {}): Checkpoint => ({
  step: 1,
  directory: 'step-1',
  weights: new Map([...weights, ...Object.entries(changed)]),
  optimizer: new Map(),
  state: { step: 1 },
});
const load = (model: object, checkpoint: Checkpoint, vocabularySize = 290) =>
  loadWeights(
    resolveModelConfig(
      modelConfigSchema.parse({
        layers: 1,
        width: 16,
        heads: 2,
        context: 8,
        feedForward: { kind: 'dynactglu' },
        ...model,
      }),
      vocabularySize,
    ),
    checkpoint,
  );

test('a model has the values of its checkpoint', () => {
  const model = load({}, checkpointOf());
  for (const { name, variable } of model.parameters) expect(variable.dataSync()).toEqual(weights.get(name)!.data);
  model.dispose();
});

describe('a checkpoint that does not fit is refused in one line', () => {
  const gain = 'blocks.0.attentionNorm.gain';
  test.each([
    ['whole numbers', { [gain]: { shape: [16], data: new Int32Array(16) } }, `${gain} holds whole numbers (I32)`],
    ['a NaN', { [gain]: { shape: [16], data: new Float32Array(16).fill(Number.NaN, 7, 8) } }, `${gain} holds NaN or`],
    [
      'an infinity',
      { [gain]: { shape: [16], data: Float32Array.from({ length: 16 }, (_, i) => 1 / i) } },
      `${gain} holds NaN or infinity`,
    ],
    ['another shape', { [gain]: { shape: [4, 4], data: new Float32Array(16) } }, `${gain} has shape [4,4]`],
  ])('%s', (_, changed, message) => {
    expect(() => load({}, checkpointOf(changed))).toThrow(message);
  });

  test('a configuration of gigabytes, before anything of its size is allocated', () => {
    const before = tf.memory().numTensors;
    const start = process.memoryUsage.rss();
    // Each of these models alone would take 8 GB or more.
    expect(() => load({ layers: 1000, width: 4096, heads: 64 }, checkpointOf())).toThrow(
      'tokenEmbedding.weight has shape [290,16], the model needs [290,4096]',
    );
    expect(() => load({ layers: 1000, feedForward: { hiddenWidth: 2 ** 24 } }, checkpointOf())).toThrow(
      'blocks.0.feedForward.gate.weight has shape [16,48], the model needs [16,16777216]',
    );
    expect(() => load({ layers: 2 }, checkpointOf())).toThrow('blocks.1.attentionNorm.gain is missing');
    expect(tf.memory().numTensors).toBe(before);
    expect(process.memoryUsage.rss() - start).toBeLessThan(200e6);
  });
});
