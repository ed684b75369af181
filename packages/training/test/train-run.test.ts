import { join } from 'node:path';
import { createEvaluationWindows } from '@dynact/data';
import { readRunFolder } from '@dynact/runs';
import { compile } from '@dynact/tfjs-backend-onnxruntime';
import { Gpt, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { Evaluator, restoreWeights } from '../src/index.ts';
import { configWith, tinyRuns } from './support/tiny-runs.ts';

const { folder, dataset, train, outcome, ofKind } = tinyRuns();

test('a run logs every step, evaluates where it should, learns, and leaves no tensor behind', async () => {
  const before = tf.memory().numTensors;
  const result = await train(configWith(), 'plain');
  expect(tf.memory().numTensors).toBe(before);
  expect(result.status).toBe('finished');
  expect(ofKind('plain', 'train').map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  const evaluations = ofKind('plain', 'evaluation');
  expect(evaluations.map(({ step }) => step)).toEqual([0, 6, 12, 24]);
  expect(evaluations[0]!.metrics.perplexity! / 300).toBeCloseTo(1, 1);
  expect(evaluations.at(-1)!.loss).toBeLessThan(evaluations[0]!.loss - 0.2);
  expect(ofKind('plain', 'activation').filter(({ step }) => step === 0)).toMatchObject([
    { layer: 0, name: 'alpha', value: 1 },
    { layer: 0, name: 'beta', value: 0 },
  ]);
  expect(outcome('plain').step).toBe(24);
  const steps = readRunFolder(join(folder, 'plain'))
    .checkpoints()
    .map(({ step }) => step);
  expect(steps).toEqual([15, 20, 24]);
});

describe('resuming', () => {
  test.each([
    ['before its first step', {}, 0],
    ['after a checkpoint', {}, 11],
    ['in the middle of two evaluations', {}, 7],
    [
      'with dropout, accumulation and moving average',
      { model: { dropout: 0.2 }, training: { gradientAccumulation: 2, movingAverage: { decay: 0.9 } } },
      9,
    ],
    ['with samples', { training: { sample: { prompt: 'the cat', every: 4, maxTokens: 6 } } }, 9],
    ['with muon', { training: { optimizer: { name: 'muon' } } }, 8],
  ])('%s ends with the same bits as a run that never stopped', async (name, override, stopAfter) => {
    const config = configWith(override);
    await train(config, `${name} whole`);
    const interrupted = await train(config, `${name} parts`, { stopAfter });
    expect(interrupted).toEqual({ status: 'interrupted', step: stopAfter });
    await train(config, `${name} parts`, { resume: true });
    expect(outcome(`${name} parts`).records).toEqual(outcome(`${name} whole`).records);
    expect(outcome(`${name} parts`).files).toEqual(outcome(`${name} whole`).files);
  });

  test('a finished run trains no further', async () => {
    await train(configWith(), 'finished');
    const before = outcome('finished');
    expect((await train(configWith(), 'finished', { resume: true })).status).toBe('finished');
    expect(outcome('finished')).toEqual(before);
  });
});

describe('what a run depends on', () => {
  const losses = async (name: string, override: object) => {
    await train(configWith({ training: { steps: 3, evaluation: { steps: [] } }, ...override }), name);
    return ofKind(name, 'train').map(({ loss }) => loss);
  };

  test('both variants of a seed see the same batches and start equal; other seeds differ', async () => {
    const kind = (kind: string) => ({ model: { feedForward: { kind } } });
    const [swiglu] = await losses('variant swiglu', kind('swiglu'));
    const [dynactglu] = await losses('variant dynactglu', kind('dynactglu'));
    const [other] = await losses('variant seed', { seed: 1, ...kind('swiglu') });
    expect(Math.abs(dynactglu! - swiglu!)).toBeLessThanOrEqual(1e-6 * swiglu!);
    expect(other).not.toBe(swiglu);
  });

  test('dropout changes the loss of training and not that of evaluation', async () => {
    const plain = await losses('no dropout', {});
    const dropped = await losses('dropout', { model: { dropout: 0.5 } });
    expect(dropped[0]).not.toBe(plain[0]);
    expect(ofKind('dropout', 'evaluation')[0]!.loss).toBe(ofKind('no dropout', 'evaluation')[0]!.loss);
  });
});

test('a run that diverges stops, says where, and keeps the last good checkpoint', async () => {
  const config = configWith({
    training: { optimizer: { learningRate: 1e30 }, gradientClip: null, schedule: { warmupSteps: 0 } },
  });
  const result = await train(config, 'diverged');
  expect(result.status).toBe('diverged');
  const [diverged] = ofKind('diverged', 'diverged');
  expect(diverged!.step).toBeLessThan(6);
  expect(diverged!.parameter).toMatch(/^(tokenEmbedding|blocks|finalNorm)\./);
});

test('a run whose loss blows up stops, and does not where that is allowed', async () => {
  // Steps this long neither overflow nor learn: the loss climbs within a few steps and stays there.
  const training = { optimizer: { learningRate: 20 }, schedule: { warmupSteps: 0 }, divergence: { lossRise: 1 } };
  expect((await train(configWith({ training }), 'blown up')).status).toBe('diverged');
  const losses = ofKind('blown up', 'train').map(({ loss }) => loss);
  const [diverged] = ofKind('blown up', 'diverged');
  const parameter = expect.stringMatching(/^(tokenEmbedding|blocks\.0|finalNorm)\./);
  expect(diverged).toEqual({ kind: 'diverged', step: losses.length + 1, parameter });
  const allowed = configWith({ training: { ...training, divergence: { lossRise: null } } });
  await train(allowed, 'allowed to');
  expect(ofKind('allowed to', 'train').length).toBeGreaterThan(losses.length);
});

test('a perplexity too large for a number ends the run as diverged', async () => {
  const training = {
    steps: 3,
    optimizer: { learningRate: 1e6 },
    schedule: { warmupSteps: 0 },
    evaluation: { steps: [] },
  };
  const result = await train(configWith({ training: { ...training, divergence: { lossRise: null } } }), 'overflown');
  expect(result.status).toBe('diverged');
  expect(ofKind('overflown', 'evaluation').map(({ step }) => step)).toEqual([0]);
});

test('the best checkpoint is written and kept beside the newest ones', async () => {
  // The rate grows until it spoils what was learned, so the best evaluation is not the last.
  const training = {
    steps: 60,
    optimizer: { learningRate: 2 },
    schedule: { name: 'constant', warmupSteps: 60 },
    evaluation: { steps: [10], batches: 2 },
    checkpoint: { every: 20, keep: 2, best: true },
  };
  await train(configWith({ training }), 'best');
  const best = readRunFolder(join(folder, 'best')).readSummary()!.best!.step;
  expect(best).toBe(10);
  const steps = readRunFolder(join(folder, 'best'))
    .checkpoints()
    .map(({ step }) => step);
  expect(steps).toEqual([best, 40, 60]);
});

describe('every evaluation is over the same windows', () => {
  test('so that equal weights have equal losses at every step, the last one too', async () => {
    // Steps too short to change a weight.
    const training = { steps: 4, optimizer: { learningRate: 1e-30, weightDecay: 0 } };
    await train(configWith({ training: { ...training, evaluation: { steps: [2], batches: 1 } } }), 'unchanged');
    const losses = ofKind('unchanged', 'evaluation').map(({ loss }) => loss);
    expect(losses).toEqual([losses[0], losses[0], losses[0]]);
    const { final, best, wholeSplit } = readRunFolder(join(folder, 'unchanged')).readSummary()!;
    expect([final!.step, best!.step, wholeSplit!.step]).toEqual([4, 0, 4]);
    expect(Math.abs(wholeSplit!.loss - final!.loss)).toBeGreaterThan(1e-4);
  });

  test('and the whole split is a figure of its own at the last step', async () => {
    const { best, final, wholeSplit } = readRunFolder(join(folder, 'plain')).readSummary()!;
    expect([best!.step, final!.step]).toEqual([24, 24]);
    expect(ofKind('plain', 'whole-split')).toMatchObject([wholeSplit!]);
    const model = new Gpt(resolveModelConfig(configWith().model, 300), 0);
    restoreWeights(model, readRunFolder(join(folder, 'plain')).readCheckpoint());
    const windows = createEvaluationWindows({ tokens: dataset().splits.validation, context: 16 });
    const evaluator = new Evaluator({ model, windows, tokenizer: await dataset().tokenizer(), batchSize: 4, compile });
    const { tokens: _, ...first } = await evaluator.evaluate(2);
    const { tokens: __, ...whole } = await evaluator.evaluate();
    model.dispose();
    expect(best).toEqual({ step: 24, ...first });
    expect(final).toEqual(best);
    expect(wholeSplit).toEqual({ step: 24, ...whole });
    expect(first.loss).not.toBe(whole.loss);
  });
});

test('with a moving average, evaluation and the checkpoint are of the average', async () => {
  const training = { evaluation: { steps: [] }, movingAverage: { decay: 0.99 } };
  await train(configWith({ training }), 'averaged');
  await train(configWith({ training: { ...training, movingAverage: null } }), 'not averaged');
  const [averaged, plain] = ['averaged', 'not averaged'].map((name) => ofKind(name, 'evaluation').at(-1)!.loss);
  expect(averaged).not.toBe(plain);
  expect(ofKind('averaged', 'train')).toHaveLength(24);
  const weights = (name: string) => readRunFolder(join(folder, name)).readCheckpoint();
  const trained = weights('averaged').optimizer.get('tokenEmbedding.weight.trained');
  expect(trained).toEqual(weights('not averaged').weights.get('tokenEmbedding.weight'));
  expect(weights('averaged').weights.get('tokenEmbedding.weight')).not.toEqual(trained);
});

describe('samples during training', () => {
  const sample = { prompt: 'the cat', maxTokens: 7, temperature: 1 };
  const samplesOf = async (name: string, settings: object) => {
    await train(configWith({ training: { sample: { ...sample, ...settings } } }), name);
    return ofKind(name, 'sample');
  };

  test('come at each evaluation, or as often as wanted, and differ as the model learns', async () => {
    const samples = await samplesOf('samples', {});
    expect(samples.map(({ step }) => step)).toEqual([0, 6, 12, 24]);
    expect(new Set(samples.map(({ text }) => text)).size).toBeGreaterThan(2);
    expect(samples[0]!.prompt).toBe('the cat');
    expect((await samplesOf('samples every', { every: 10 })).map(({ step }) => step)).toEqual([0, 10, 20]);
  });

  test('are text from the first, though most tokens of this vocabulary are bytes of which few sequences are', async () => {
    const samples = await samplesOf('samples that decode', { maxTokens: 60 });
    expect(samples[0]!.text.length).toBeGreaterThan(30);
    expect(samples.map(({ text }) => text).join('')).not.toContain('\ufffd');
  });

  test.each([
    ['another prompt', { prompt: 'a house' }],
    ['more tokens', { maxTokens: 20 }],
    ['another temperature', { temperature: 0.1 }],
    ['the two likeliest', { topK: 2 }],
    ['a nucleus', { topP: 0.1 }],
  ])('%s changes them', async (name, settings) => {
    const texts = (samples: { text: string }[]) => samples.map(({ text }) => text);
    expect(texts(await samplesOf(`sample ${name}`, settings))).not.toEqual(texts(ofKind('samples', 'sample')));
  });
});

test('more evaluation batches predict more tokens of the same split', async () => {
  await train(configWith({ training: { evaluation: { batches: 1 } } }), 'one batch');
  const [few, many] = ['one batch', 'plain'].map((name) => ofKind(name, 'evaluation'));
  expect(few![0]!.loss).not.toBe(many![0]!.loss);
  expect(few!.at(-1)!.loss).not.toBe(many!.at(-1)!.loss);
  const [fewWhole, manyWhole] = ['one batch', 'plain'].map((name) => ofKind(name, 'whole-split')[0]!.loss);
  expect(fewWhole).toBe(manyWhole);
});
