import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Gpt, modelConfigSchema, resolveModelConfig } from '../src/index.ts';
import { dropByMasks } from './support/drop-by-masks.ts';

const vocabularySize = 300;
const inputs = Array.from({ length: 2 }, (_, row) => Array.from({ length: 12 }, (_, i) => (17 * i + 5 * row) % 300));
const targets = inputs.map((row) => row.map((token) => (token + 17) % 300));

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function create(config: object, seed = 7): Gpt {
  const model = { layers: 2, width: 16, heads: 2, context: 12, ...config };
  return new Gpt(resolveModelConfig(modelConfigSchema.parse(model), vocabularySize), seed);
}

function values(model: Gpt, name: string): Float32Array {
  return model.parameters.find((parameter) => parameter.name === name)!.variable.dataSync() as Float32Array;
}

function loss(model: Gpt, masks: tf.Tensor2D[] = []): number {
  return tf.tidy(
    () =>
      model
        .loss(tf.tensor2d(inputs, undefined, 'int32'), tf.tensor2d(targets, undefined, 'int32'), dropByMasks(masks))
        .dataSync()[0]!,
  );
}

function deviation(sample: Float32Array): number {
  return Math.sqrt(sample.reduce((sum, value) => sum + value * value, 0) / sample.length);
}

describe('initial values', () => {
  test('depend on the seed and on nothing but the parameter name', () => {
    const swiglu = create({ feedForward: { kind: 'swiglu' } });
    const dynactglu = create({ feedForward: { kind: 'dynactglu' } });
    const other = create({ feedForward: { kind: 'swiglu' } }, 8);
    for (const { name, variable } of swiglu.parameters) {
      expect(values(dynactglu, name), name).toEqual(variable.dataSync());
    }
    expect(values(other, 'tokenEmbedding.weight')).not.toEqual(values(swiglu, 'tokenEmbedding.weight'));
    const [query, key] = ['query', 'key'].map((part) => values(swiglu, `blocks.0.attention.${part}.weight`));
    expect(query).not.toEqual(key);
  });

  test('have the configured deviations', () => {
    const initialization = { standardDeviation: 0.5, embeddingStandardDeviation: 0.1 };
    const scaled = create({ width: 64, initialization });
    expect(deviation(values(scaled, 'blocks.0.attention.query.weight'))).toBeCloseTo(0.5, 1);
    expect(deviation(values(scaled, 'blocks.0.attention.output.weight'))).toBeCloseTo(0.25, 1);
    expect(deviation(values(scaled, 'blocks.1.feedForward.down.weight'))).toBeCloseTo(0.25, 1);
    expect(deviation(values(scaled, 'tokenEmbedding.weight'))).toBeCloseTo(0.1, 2);
    const plain = create({ width: 64, initialization: { ...initialization, residualScaled: false } });
    expect(deviation(values(plain, 'blocks.0.attention.output.weight'))).toBeCloseTo(0.5, 1);
  });

  test('predict nearly uniformly, also at a width where a tied embedding would favor the last token', () => {
    const model = create({ width: 256, heads: 4 });
    expect(Math.exp(loss(model)) / vocabularySize).toBeCloseTo(1, 1);
  });
});

test('dynactglu at alpha 1, beta 0 has the loss of swiglu', () => {
  const swiglu = loss(create({ feedForward: { kind: 'swiglu' } }));
  const dynactglu = loss(create({ feedForward: { kind: 'dynactglu' } }));
  expect(Math.abs(dynactglu - swiglu)).toBeLessThanOrEqual(1e-6 * swiglu);
});

test('options of an activation reach the model', () => {
  const initial = (alpha: number) => ({ kind: 'dynactglu', activation: { name: 'dynactivation', alpha } });
  expect(loss(create({ feedForward: initial(3) }))).not.toBeCloseTo(loss(create({ feedForward: initial(1) })), 6);
});

test('a token does not see the ones after it', () => {
  const model = create({});
  const logitsOf = (sequence: number[]) =>
    tf.tidy(() =>
      model
        .logits(tf.tensor2d([sequence], undefined, 'int32'))
        .dataSync()
        .slice(0, 6 * vocabularySize),
    );
  const changed = inputs[0]!.map((token, index) => (index >= 6 ? 299 - token : token));
  expect(logitsOf(changed)).toEqual(logitsOf(inputs[0]!));
});

test('dropout masks enter at every site', () => {
  const model = create({ dropout: 0.5 });
  expect(model.dropoutSites).toBe(5);
  const ones = Array.from({ length: 5 }, () => tf.ones([24, 16]) as tf.Tensor2D);
  expect(loss(model, ones)).toBe(loss(model));
  for (let site = 0; site < 5; site++) {
    const masks = ones.map((mask, index) => (index === site ? (tf.mul(mask, 2) as tf.Tensor2D) : mask));
    // Doubling everything that enters the final norm changes nothing, so only single sites are doubled.
    expect(loss(model, masks), `site ${site}`).not.toBe(loss(model));
  }
  expect(create({}).dropoutSites).toBe(0);
});

test('a loss with its gradients leaves no tensor behind', () => {
  const model = create({ feedForward: { kind: 'dynactglu' } });
  const variables = model.parameters.map(({ variable }) => variable);
  loss(model);
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const [x, y] = [tf.tensor2d(inputs, undefined, 'int32'), tf.tensor2d(targets, undefined, 'int32')];
    tf.variableGrads(() => model.loss(x, y), variables);
  });
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
});

test('dispose gives back every tensor', () => {
  const before = tf.memory().numTensors;
  const model = create({});
  loss(model);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
