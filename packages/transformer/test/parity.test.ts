import '@tensorflow/tfjs';
import { readdirSync, readFileSync } from 'node:fs';
import { registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { Gpt, type ModelConfig, modelConfigSchema, resolveModelConfig } from '../src/index.ts';
import { deterministicValues } from './support/deterministic-values.ts';
import { dropByMasks } from './support/drop-by-masks.ts';

interface Fixture {
  model: unknown;
  vocabularySize: number;
  inputs: number[][];
  targets: number[][];
  loss: number;
  logits: number[];
  gradients: Record<string, number[]>;
}

const folder = new URL('fixtures/', import.meta.url);
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.fixture.json'));

registerOnnxRuntimeBackend({ threads: 2 });

describe.each(['cpu', 'onnxruntime'])('against PyTorch in float64, on %s', (backend) => {
  test.each(fixtures)('%s: loss, logits and every gradient', async (file) => {
    await tf.setBackend(backend);
    const fixture: Fixture = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    const config = resolveModelConfig(modelConfigSchema.parse(fixture.model), fixture.vocabularySize);
    const model = new Gpt(config, 0);
    for (const { name, shape, variable } of model.parameters) {
      tf.tidy(() => variable.assign(tf.tensor(deterministicValues(name, variable.size), [...shape])));
    }
    const inputs = tf.tensor2d(fixture.inputs, undefined, 'int32');
    const targets = tf.tensor2d(fixture.targets, undefined, 'int32');

    const masks = givenMasks(model, inputs.size);
    const { value, grads } = tf.variableGrads(
      () => model.loss(inputs, targets, dropByMasks(masks)),
      model.parameters.map(({ variable }) => variable),
    );
    expectClose(value.dataSync(), [fixture.loss]);
    if (masks.length === 0) {
      expectClose(tf.mean(model.tokenLosses(inputs, targets)).dataSync(), [fixture.loss]);
      expectClose(model.logits(inputs).dataSync(), fixture.logits);
    }
    expect(model.parameters.map(({ name }) => name).sort()).toEqual(Object.keys(fixture.gradients).sort());
    for (const { name, variable } of model.parameters) {
      expectClose(grads[variable.name]!.dataSync(), fixture.gradients[name]!, name);
    }
    model.dispose();
    tf.disposeVariables();
  });
});

describe('the eight configurations between them', () => {
  const configurations = fixtures
    .map((file) => (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Fixture).model as ModelConfig)
    .filter(({ dropout = 0 }) => dropout === 0);
  const defaults = modelConfigSchema.parse({});

  /** The initial values are given; what they are made from has no part in the reference. */
  const { initialization: _, dropout: __, feedForward: ___, ...plain } = modelConfigSchema.shape;

  test('are eight, beside dropout with given masks', () => {
    expect([fixtures.length, configurations.length]).toEqual([9, 8]);
  });

  test.each(Object.keys(plain) as (keyof typeof plain)[])('have another %s than the default', (key) => {
    const set = configurations.map((model) => model[key]).filter((value) => value !== undefined);
    expect(set.some((value) => value !== defaults[key])).toBe(true);
  });

  test('have every norm with another epsilon, and every kind of position', () => {
    const parsed = configurations.map((model) => modelConfigSchema.parse(model));
    const epsilons = parsed.filter(({ normEpsilon }) => normEpsilon !== defaults.normEpsilon);
    expect(new Set(epsilons.map(({ norm }) => norm))).toEqual(new Set(plain.norm.def.innerType.options));
    expect(new Set(parsed.map(({ position }) => position))).toEqual(new Set(plain.position.def.innerType.options));
    expect(
      new Set(parsed.map(({ heads, kvHeads = heads }) => (kvHeads === heads ? 'each' : Math.min(kvHeads, 2)))),
    ).toEqual(new Set(['each', 1, 2]));
  });

  test('have every option of the feed-forward block, for all layers and for one', () => {
    const options = modelConfigSchema.shape.feedForward.def.innerType.shape;
    const blocks = configurations.map(({ feedForward }) => feedForward);
    const entries = blocks.flatMap(({ perLayer = [] }) => perLayer);
    expect(new Set(blocks.flatMap(Object.keys))).toEqual(new Set(Object.keys(options)));
    expect(new Set(entries.flatMap(Object.keys))).toEqual(new Set(['kind', 'activation']));
    expect(
      blocks.some(({ activation, perLayer }) => activation !== undefined && perLayer?.[0]?.activation === undefined),
    ).toBe(true);
  });
});

/** Inverted dropout of masks that the fixture's script computes the same way. */
function givenMasks(model: Gpt, rows: number): tf.Tensor2D[] {
  const { dropout, width } = model.config;
  return Array.from({ length: model.dropoutSites }, (_, site) => {
    // The values of a matrix are half of those that masks are made from.
    const mask = deterministicValues(`mask/${site}`, rows * width).map((value) =>
      (2 * value + 1) / 2 < dropout ? 0 : 1 / (1 - dropout),
    );
    return tf.tensor2d(mask, [rows, width]);
  });
}

/** max|a - b| <= 1e-4 max|b| over a whole tensor. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[], name = ''): void {
  expect(actual).toHaveLength(expected.length);
  const difference = Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!)));
  // A key's bias shifts all scores of a query alike, which softmax ignores: without rope its gradient is zero, and the
  // float64 reference holds rounding noise instead of a scale to compare with.
  const largest = Math.max(...expected.map(Math.abs));
  if (largest < 1e-12) {
    expect(difference, name).toBeLessThanOrEqual(1e-6);
    return;
  }
  expect(difference, `${name}: largest difference ${difference} of values up to ${largest}`).toBeLessThanOrEqual(
    1e-4 * largest,
  );
}
