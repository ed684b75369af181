import '@tensorflow/tfjs';
import { readdirSync, readFileSync } from 'node:fs';
import { registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { Gpt, modelConfigSchema, resolveModelConfig } from '../src/index.ts';
import { deterministicValues } from './deterministic-values.ts';

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

    const { value, grads } = tf.variableGrads(
      () => model.loss(inputs, targets),
      model.parameters.map(({ variable }) => variable),
    );
    expectClose(value.dataSync(), [fixture.loss]);
    expectClose(tf.mean(model.tokenLosses(inputs, targets)).dataSync(), [fixture.loss]);
    expectClose(model.logits(inputs).dataSync(), fixture.logits);
    expect(model.parameters.map(({ name }) => name).sort()).toEqual(Object.keys(fixture.gradients).sort());
    for (const { name, variable } of model.parameters) {
      expectClose(grads[variable.name]!.dataSync(), fixture.gradients[name]!, name);
    }
    model.dispose();
    tf.disposeVariables();
  });
});

test('the fixtures cover eight configurations', () => {
  expect(fixtures).toHaveLength(8);
});

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
