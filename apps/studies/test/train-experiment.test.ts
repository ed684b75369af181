import '@tensorflow/tfjs';
import { join } from 'node:path';
import { batchNorm, linear, runAsIs, softmaxCrossEntropy } from '@dynact/nn';
import { readRunFolder } from '@dynact/runs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { Experiment } from '../src/network-study.ts';
import { plainAdam } from '../src/networks/adam.ts';
import { trainExperiment } from '../src/train-experiment.ts';

beforeAll(() => tf.setBackend('cpu'));

/** A linear classifier behind a batch normalization, whose running statistics must come back too. */
function experiment(): Experiment<{ x: tf.Tensor2D; labels: tf.Tensor1D }> {
  const norm = batchNorm('norm', 2);
  const output = linear('output', { inputs: 2, outputs: 2, standardDeviation: 0.5, bias: true });
  const parameters = [...norm.parameters, ...output.parameters];
  for (const parameter of parameters) parameter.create(3);
  const at = (index: number) => [Math.sin(index), Math.cos(3 * index), Math.sin(5 * index), Math.cos(2 * index)];
  const batch = (index: number) => ({
    x: tf.tensor2d(at(index), [2, 2]),
    labels: tf.tensor1d([index % 2, 1], 'int32'),
  });
  const loss = (x: tf.Tensor2D, labels: tf.Tensor1D, training: boolean) =>
    softmaxCrossEntropy(output.apply(norm.apply(x, training)), labels);
  return {
    ...{ parameters, batch, batchSize: 2, transform: plainAdam(0.05), activationValues: [] },
    loss: ({ x, labels }) => loss(x, labels, true),
    async evaluate() {
      const value = tf.tidy(() => loss(batch(0).x, batch(0).labels, false)).dataSync()[0]!;
      return { loss: value, metrics: { accuracy: 50 } };
    },
  };
}

const part = { steps: 9, evaluationSteps: [4, 9] };
const config = { config: {}, versions: {}, backend: { name: 'cpu', device: 'cpu', threads: 1 }, gitCommit: null };
const common = { part, config, compile: runAsIs, checkpointEvery: 2 };

/** Everything that is not of the clock. */
function outcome(directory: string) {
  const reader = readRunFolder(directory);
  const records = reader.records().map((record) => {
    const { elapsedMs: _, tokensPerSecond: __, ...rest } = { elapsedMs: 0, tokensPerSecond: 0, ...record };
    return rest;
  });
  const { tokensPerSecond: _, ...summary } = reader.readSummary()!;
  return { records, summary };
}

test('a run that was stopped twice ends as one that was not', async () => {
  const folder = temporaryFolder();
  const whole = join(folder, 'whole');
  await trainExperiment(experiment(), { ...common, directory: whole, resume: false });
  const stopped = join(folder, 'stopped');
  for (const stopAfter of [3, 6, 99]) {
    const controller = new AbortController();
    await trainExperiment(experiment(), {
      ...{ ...common, directory: stopped, resume: stopAfter > 3, signal: controller.signal },
      onEvent: (event) => {
        if (event.kind === 'record' && event.record.kind === 'train' && event.record.step === stopAfter)
          controller.abort();
      },
    });
    if (stopAfter < 9) expect(readRunFolder(stopped).readSummary()).toBeUndefined();
  }
  expect(outcome(stopped)).toEqual(outcome(whole));
  expect(outcome(whole).summary).toMatchObject({ status: 'finished', step: 9, tokens: 18, parameters: 10 });
  expect(outcome(whole).records.filter(({ kind }) => kind === 'train')).toHaveLength(9);
});

test('a loss that is no number ends the run as diverged, and says at which step', async () => {
  const directory = join(temporaryFolder(), 'run');
  const sound = experiment();
  const loss = (batch: Parameters<typeof sound.loss>[0]): tf.Scalar => tf.mul(sound.loss(batch), Number.NaN);
  await trainExperiment({ ...sound, loss }, { ...common, directory, resume: false });
  expect(readRunFolder(directory).readSummary()).toMatchObject({ status: 'diverged', step: 1 });
});
