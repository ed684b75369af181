import '@tensorflow/tfjs';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createOptimizer,
  type GradientExchange,
  learningRate,
  optimizerSchema,
  scheduleSchema,
  TrainStep,
  type TrainStepOptions,
} from '../src/index.ts';
import { snapshot, type TokenBatch, tinyNetwork, tokenRows } from './support/tiny-network.ts';

beforeAll(async () => {
  registerOnnxRuntimeBackend({ threads: 1 });
  await tf.setBackend('cpu');
});

interface Settings {
  optimizer?: object;
  schedule?: object;
  gradientClip?: number | null;
}

function settingsOf({ optimizer, schedule, gradientClip = 1 }: Settings) {
  const rateSchedule = scheduleSchema.parse(schedule);
  const config = optimizerSchema.parse(optimizer);
  const rate = (step: number) => learningRate(rateSchedule, config.learningRate, step, 20);
  return { config, rate, gradientClip, transform: createOptimizer(config, rate, gradientClip) };
}

function stepOf(network: ReturnType<typeof tinyNetwork>, options: Settings & Partial<TrainStepOptions> = {}) {
  return new TrainStep(network, { transform: settingsOf(options).transform, ...options });
}

/** Gradients at the network's present parameters, in float64. */
function gradientsOf(network: ReturnType<typeof tinyNetwork>, batch: TokenBatch): Map<string, Float64Array> {
  const variables = network.parameters.map(({ variable }) => variable);
  const { value, grads } = tf.variableGrads(() => network.loss(batch), variables);
  const gradients = new Map(
    network.parameters.map(({ name, variable }) => [name, Float64Array.from(grads[variable.name]!.dataSync())]),
  );
  tf.dispose([value, grads, batch]);
  return gradients;
}

function expectParameters(
  actual: ReadonlyMap<string, Float64Array>,
  expected: ReadonlyMap<string, Float64Array>,
): void {
  for (const [name, values] of actual) {
    for (const [index, value] of expected.get(name)!.entries()) {
      expect(Math.abs(values[index]! - value), `${name}[${index}]`).toBeLessThan(2e-6);
    }
  }
}

/** AdamW as its paper writes it (arXiv 1711.05101, algorithm 2), in float64. */
class ReferenceAdamW {
  readonly #moments = new Map<string, [Float64Array, Float64Array]>();
  #step = 0;

  update(
    parameters: Map<string, Float64Array>,
    gradients: Map<string, Float64Array>,
    { config, rate: rateOf, gradientClip }: ReturnType<typeof settingsOf>,
  ): void {
    if (config.name !== 'adamw') throw new Error('this reference is of AdamW');
    const { beta1, beta2, epsilon, weightDecay, ...optimizer } = config;
    this.#step++;
    const baseRate = rateOf(this.#step);
    const norm = Math.sqrt([...gradients.values()].flatMap((g) => [...g]).reduce((sum, g) => sum + g * g, 0));
    const clip = gradientClip === null ? 1 : Math.min(1, gradientClip / (norm + 1e-6));
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
describe('a network under AdamW follows the formula', () => {
  const schedule = { name: 'constant', warmupSteps: 0 };
  test.each<[string, Settings]>([
    ['with a schedule', { optimizer: { weightDecay: 2 }, schedule: { name: 'cosine', warmupSteps: 2 } }],
    ['without clipping', { gradientClip: null, schedule }],
    ['with strong clipping', { gradientClip: 0.01, optimizer: { epsilon: 1e-4 }, schedule }],
    ['with activations that learn faster', { optimizer: { activationLearningRateMultiplier: 5 }, schedule }],
    ['with activations that stand still', { optimizer: { activationLearningRateMultiplier: 0 }, schedule }],
    ['with embeddings that do not decay', { optimizer: { weightDecay: 2, decayEmbeddings: false }, schedule }],
  ])('%s', async (_, settings) => {
    const network = tinyNetwork();
    const trainStep = stepOf(network, settings);
    const reference = new ReferenceAdamW();
    const expected = snapshot(network);
    for (let step = 1; step <= 6; step++) {
      reference.update(expected, gradientsOf(network, tokenRows(4 * step, 4 * step + 4)), settingsOf(settings));
      await trainStep.run(step, [tokenRows(4 * step, 4 * step + 4)]);
    }
    expectParameters(snapshot(network), expected);
  });
});

const calm = { optimizer: { epsilon: 1e-3 }, schedule: { name: 'constant', warmupSteps: 0 } };

test.each(['cpu', 'onnxruntime'])('accumulated gradients equal those of the large batch, on %s', async (backend) => {
  await tf.setBackend(backend);
  const [whole, parts] = [tinyNetwork(), tinyNetwork()];
  const wholeStep = stepOf(whole, { ...calm, compile });
  const partStep = stepOf(parts, { ...calm, microBatches: 3, compile });
  for (let step = 1; step <= 4; step++) {
    const large = await wholeStep.run(step, [tokenRows(0, 6)]);
    const small = await partStep.run(step, [tokenRows(0, 2), tokenRows(2, 4), tokenRows(4, 6)]);
    expect(Math.abs(small.loss - large.loss)).toBeLessThan(1e-6 * large.loss);
    expect(Math.abs(small.gradientNorm - large.gradientNorm)).toBeLessThan(1e-5 * large.gradientNorm);
  }
  expectParameters(snapshot(parts), snapshot(whole));
  await tf.setBackend('cpu');
});

test('micro-batches are made one at a time, and their tensors are gone after the step', async () => {
  const trainStep = stepOf(tinyNetwork(), { microBatches: 3 });
  await trainStep.run(
    1,
    [0, 1, 2].map((row) => tokenRows(row, row + 1)),
  );
  const before = tf.memory().numTensors;
  const alive: number[] = [];
  function* microBatches() {
    for (const row of [0, 1, 2]) {
      alive.push(tf.memory().numTensors);
      yield tokenRows(row, row + 1);
    }
  }
  await trainStep.run(2, microBatches());
  expect(new Set(alive).size).toBe(1);
  expect(tf.memory().numTensors).toBe(before);
});

test('exchanged gradients are those of all processes: two of them step as one does', async () => {
  const [alone, together, elsewhere] = [tinyNetwork(), tinyNetwork(), tinyNetwork()];
  const aloneStep = stepOf(alone, { ...calm, microBatches: 2 });
  const own: Float32Array[] = [];
  const exchange: GradientExchange = {
    add: (gradients) => void own.push(gradients.slice()),
    finish: ([first]) => {
      const second = [...gradientsOf(elsewhere, tokenRows(3, 6)).values()].flatMap((values) => [...values]);
      return { sums: own[0]!.map((value, index) => value + second[index]!), losses: [first!, both.loss * 2 - first!] };
    },
  };
  const both = await aloneStep.run(1, [tokenRows(0, 3), tokenRows(3, 6)]);
  const togetherStep = stepOf(together, { ...calm, microBatches: 2, exchange });
  const before = tf.memory().numTensors;
  const half = await togetherStep.run(1, [tokenRows(0, 3)]);
  expect(tf.memory().numTensors).toBe(before);
  expect(half.gradientNorm).toBe(both.gradientNorm);
  expect(half.loss).toBeCloseTo(both.loss, 12);
  expect(snapshot(together)).toEqual(snapshot(alone));
});

test('the moving average follows its formula and does not touch training', async () => {
  const [plain, network, average] = [tinyNetwork(), tinyNetwork(), tinyNetwork()];
  const plainStep = stepOf(plain);
  const trainStep = stepOf(network, { movingAverage: { parameters: average.parameters, decay: 0.25 } });
  const expected = snapshot(network);
  for (let step = 1; step <= 5; step++) {
    for (const each of [plainStep, trainStep]) await each.run(step, [tokenRows(step, step + 2)]);
    const decay = Math.min(0.25, (1 + step) / (10 + step));
    for (const [name, values] of snapshot(network)) {
      expected.set(
        name,
        expected.get(name)!.map((mean, i) => decay * mean + (1 - decay) * values[i]!),
      );
    }
  }
  expectParameters(snapshot(network), snapshot(plain));
  expectParameters(snapshot(average), expected);
});

test('names the parameters whose gradients are not finite, and leaves the weights', async () => {
  const network = tinyNetwork();
  const trainStep = stepOf(network);
  expect((await trainStep.run(1, [tokenRows(0, 2)])).nonFinite).toEqual([]);
  // The gate x tanh(alpha x) stays finite, and its derivative meets 0 times infinity.
  const alpha = network.parameters.find(({ group }) => group === 'activation')!;
  alpha.variable.assign(tf.scalar(Number.POSITIVE_INFINITY));
  const before = snapshot(network);
  const { nonFinite } = await trainStep.run(2, [tokenRows(0, 2)]);
  expect(nonFinite).toEqual(['tokenEmbedding.weight', 'block.hidden.weight', 'block.hidden.bias']);
  expect(snapshot(network)).toEqual(before);
});

test('a frozen activation keeps its initial value and everything else learns', async () => {
  const network = tinyNetwork(false);
  const before = snapshot(network);
  await stepOf(network).run(20, [tokenRows(0, 4)]);
  for (const [name, values] of snapshot(network)) {
    if (name.includes('.activation.')) expect(values, name).toEqual(before.get(name));
    else expect(values, name).not.toEqual(before.get(name));
  }
});

test.each([1, 2])('a step with %i passes leaves tf.memory().numTensors as it found it', async (microBatches) => {
  const trainStep = stepOf(tinyNetwork(), { microBatches });
  const run = (step: number) =>
    trainStep.run(
      step,
      Array.from({ length: microBatches }, (_, index) => tokenRows(2 * index, 2 * index + 2)),
    );
  await run(1);
  const before = tf.memory().numTensors;
  for (let step = 2; step < 5; step++) await run(step);
  expect(tf.memory().numTensors).toBe(before);
});
