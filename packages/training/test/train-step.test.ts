import '@tensorflow/tfjs';
import { learningRate } from '@dynact/nn';
import type { Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseConfig, type TrainingConfig, TrainStep } from '../src/index.ts';
import { batchRows, context, tinyModel } from './support/tiny-model.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function trainingConfig(training: object): TrainingConfig {
  return parseConfig({ training: { steps: 20, ...training } }).training;
}

function snapshot(model: Gpt): Map<string, Float64Array> {
  return new Map(model.parameters.map(({ name, variable }) => [name, Float64Array.from(variable.dataSync())]));
}

/** Gradients at the model's present parameters, in float64. */
function gradientsOf(model: Gpt, first: number, last: number): Map<string, Float64Array> {
  const gradients = new Map<string, Float64Array>();
  tf.tidy(() => {
    const { inputs, targets } = batchRows(first, last);
    const shape: [number, number] = [last - first, context];
    const [x, y] = [tf.tensor2d(inputs, shape, 'int32'), tf.tensor2d(targets, shape, 'int32')];
    const learned = model.parameters.filter(({ trainable }) => trainable);
    const { grads } = tf.variableGrads(
      () => model.loss(x, y),
      learned.map(({ variable }) => variable),
    );
    for (const { name, variable } of learned) gradients.set(name, Float64Array.from(grads[variable.name]!.dataSync()));
  });
  return gradients;
}

function expectParameters(model: Gpt, expected: ReadonlyMap<string, Float64Array>): void {
  for (const { name, variable } of model.parameters) {
    const actual = variable.dataSync();
    for (const [index, value] of expected.get(name)!.entries()) {
      expect(Math.abs(actual[index]! - value), `${name}[${index}]`).toBeLessThan(2e-6);
    }
  }
}

/** AdamW as its paper writes it (arXiv 1711.05101, algorithm 2), in float64. */
class ReferenceAdamW {
  readonly #moments = new Map<string, [Float64Array, Float64Array]>();
  #step = 0;

  update(parameters: Map<string, Float64Array>, gradients: Map<string, Float64Array>, config: TrainingConfig): void {
    if (config.optimizer.name !== 'adamw') throw new Error('this reference is of AdamW');
    const { learningRate: peak, beta1, beta2, epsilon, weightDecay, ...optimizer } = config.optimizer;
    this.#step++;
    const baseRate = learningRate(config.schedule, peak, this.#step, config.steps);
    const norm = Math.sqrt([...gradients.values()].flatMap((g) => [...g]).reduce((sum, g) => sum + g * g, 0));
    const clip = config.gradientClip === null ? 1 : Math.min(1, config.gradientClip / (norm + 1e-6));
    for (const [name, gradient] of gradients) {
      const values = parameters.get(name)!;
      const [m, v] = this.#moments.get(name) ?? [new Float64Array(values.length), new Float64Array(values.length)];
      this.#moments.set(name, [m, v]);
      const isActivation = name.includes('.activation.');
      const rate = baseRate * (isActivation ? optimizer.activationLearningRateMultiplier : 1);
      const isEmbedding = name.includes('Embedding.');
      const decays = name.endsWith('.weight') && (!isEmbedding || optimizer.decayEmbeddings);
      for (const [index, raw] of gradient.entries()) {
        const g = raw * clip;
        m[index] = beta1 * m[index]! + (1 - beta1) * g;
        v[index] = beta2 * v[index]! + (1 - beta2) * g * g;
        const mHat = m[index]! / (1 - beta1 ** this.#step);
        const vHat = v[index]! / (1 - beta2 ** this.#step);
        const decay = decays ? baseRate * weightDecay * values[index]! : 0;
        values[index] = values[index]! - decay - (rate * mHat) / (Math.sqrt(vHat) + epsilon);
      }
    }
  }
}

// The update rules themselves are compared with PyTorch over 20 steps in optimizers.test.ts; this is of the whole step.
describe('a model under AdamW follows the formula', () => {
  const schedule = { name: 'constant', warmupSteps: 0 };
  test.each([
    ['with a schedule', { optimizer: { weightDecay: 2 }, schedule: { name: 'cosine', warmupSteps: 2 } }],
    ['without clipping', { gradientClip: null, schedule }],
    ['with strong clipping', { gradientClip: 0.01, optimizer: { epsilon: 1e-4 }, schedule }],
    ['with activations that learn faster', { optimizer: { activationLearningRateMultiplier: 5 }, schedule }],
    ['with activations that stand still', { optimizer: { activationLearningRateMultiplier: 0 }, schedule }],
  ])('%s', async (_, training) => {
    const config = trainingConfig({ steps: 6, ...training });
    const model = tinyModel();
    const trainStep = new TrainStep(model, config);
    const reference = new ReferenceAdamW();
    const expected = snapshot(model);
    for (let step = 1; step <= config.steps; step++) {
      reference.update(expected, gradientsOf(model, 4 * step, 4 * step + 4), config);
      await trainStep.run(step, [batchRows(4 * step, 4 * step + 4)]);
    }
    expectParameters(model, expected);
  });
});

test('accumulated gradients equal those of the large batch', async () => {
  const config = { optimizer: { epsilon: 1e-3 }, schedule: { name: 'constant', warmupSteps: 0 } };
  const [whole, parts] = [tinyModel(), tinyModel()];
  const wholeStep = new TrainStep(whole, trainingConfig(config));
  const partStep = new TrainStep(parts, trainingConfig({ ...config, gradientAccumulation: 3 }));
  for (let step = 1; step <= 4; step++) {
    const large = await wholeStep.run(step, [batchRows(0, 6)]);
    const small = await partStep.run(step, [batchRows(0, 2), batchRows(2, 4), batchRows(4, 6)]);
    expect(Math.abs(small.loss - large.loss)).toBeLessThan(1e-6 * large.loss);
    expect(Math.abs(small.gradientNorm - large.gradientNorm)).toBeLessThan(1e-5 * large.gradientNorm);
  }
  expectParameters(parts, snapshot(whole));
});

test('the moving average follows its formula and does not touch training', async () => {
  const [plain, model] = [tinyModel(), tinyModel()];
  const plainStep = new TrainStep(plain, trainingConfig({}));
  const trainStep = new TrainStep(model, trainingConfig({ movingAverage: { decay: 0.25 } }));
  expect(plainStep.evaluated).toBe(plain);
  expect(trainStep.evaluated).toBe(trainStep.average);
  const expected = snapshot(model);
  for (let step = 1; step <= 5; step++) {
    for (const each of [plainStep, trainStep]) await each.run(step, [batchRows(step, step + 2)]);
    const decay = Math.min(0.25, (1 + step) / (10 + step));
    for (const [name, values] of snapshot(model)) {
      expected.set(
        name,
        expected.get(name)!.map((average, i) => decay * average + (1 - decay) * values[i]!),
      );
    }
  }
  expectParameters(model, snapshot(plain));
  expectParameters(trainStep.average!, expected);
});

test('names the parameters whose gradients are not finite', async () => {
  const model = tinyModel();
  const trainStep = new TrainStep(model, trainingConfig({}));
  expect((await trainStep.run(1, [batchRows(0, 2)])).nonFinite).toEqual([]);
  // A gain of 0 keeps what follows finite; the gradient of the gain itself meets the infinite weight behind it.
  const alpha = model.parameters.find(({ name }) => name.endsWith('alpha'))!;
  alpha.variable.assign(tf.scalar(Number.POSITIVE_INFINITY));
  expect((await trainStep.run(2, [batchRows(0, 2)])).nonFinite).toContain(alpha.name);
});

test('a frozen activation keeps its start value and everything else learns', async () => {
  const activation = { name: 'dynactivation', alpha: 0.7, beta: 0.2, frozen: true };
  const model = tinyModel({ feedForward: { kind: 'dynactglu', activation } });
  const before = snapshot(model);
  await new TrainStep(model, trainingConfig({})).run(20, [batchRows(0, 4)]);
  for (const [name, values] of snapshot(model)) {
    if (name.includes('.activation.')) expect(values, name).toEqual(before.get(name));
    else expect(values, name).not.toEqual(before.get(name));
  }
});

test.each([1, 2])(
  'a step with %i passes leaves tf.memory().numTensors as it found it',
  async (gradientAccumulation) => {
    const trainStep = new TrainStep(tinyModel(), trainingConfig({ gradientAccumulation }));
    const batches = [batchRows(0, 2), batchRows(2, 4)].slice(0, gradientAccumulation);
    await trainStep.run(1, batches);
    const before = tf.memory().numTensors;
    for (let step = 2; step < 5; step++) await trainStep.run(step, batches);
    expect(tf.memory().numTensors).toBe(before);
  },
);
