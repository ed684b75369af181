import '@tensorflow/tfjs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { activationDocumentation } from '@dynact/activations/registry';
import type { PreparedDataset } from '@dynact/data';
import { readRunFolder } from '@dynact/runs';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyOverrides, configOptions, parseConfig, trainRun } from '../src/index.ts';
import { tinyDataset } from './support/tiny-dataset.ts';

/**
 * For every option of `model`, `training` and the seed: settings under which it matters, and a value that is not the
 * one before. A run with it must not be the run without it. Options of the dataset, of comparisons and of the backend
 * are in the table of apps/trainer/test/every-option.test.ts.
 */
const adamw = 'training.optimizer.name="adamw"';
const sgd = 'training.optimizer={"name":"sgd"}';
const lion = 'training.optimizer={"name":"lion"}';
const muon = 'training.optimizer={"name":"muon"}';
const schedule = (name: string) => `training.schedule={"name":"${name}","warmupSteps":1}`;
const sampling = 'training.sample={"prompt":"the cat","maxTokens":8}';
const averaging = 'training.movingAverage={"decay":0.1}';
const dynactglu = 'model.feedForward.kind="dynactglu"';

const stretched = 'training.stretches=[{"after":2,"schedule":"restart"}]';
const folder = mkdtempSync(join(tmpdir(), 'dynact-options-'));

type Setting = [value: unknown, ...given: string[]];

const options: Record<string, Setting> = {
  seed: [1],
  'model.layers': [2],
  'model.width': [32],
  'model.heads': [4],
  'model.kvHeads': [1],
  'model.context': [8],
  'model.feedForward.kind': ['geglu'],
  'model.feedForward.hiddenWidth': [16],
  'model.feedForward.activation': [{ name: 'mish' }],
  'model.feedForward.perLayer': [[{ kind: 'mlp' }]],
  'model.feedForward.perLayer[].kind': [[{ kind: 'mlp' }], 'model.feedForward.perLayer=[{}]'],
  'model.feedForward.perLayer[].activation': [[{ activation: { name: 'mish' } }], 'model.feedForward.perLayer=[{}]'],
  'model.norm': ['layernorm'],
  'model.normEpsilon': [0.5],
  'model.position': ['learned'],
  'model.ropeBase': [2],
  'model.tieEmbeddings': [false],
  'model.bias': [true],
  'model.dropout': [0.5],
  'model.initialization.standardDeviation': [0.3],
  'model.initialization.embeddingStandardDeviation': [0.3],
  'model.initialization.residualScaled': [false],
  'training.steps': [5],
  'training.stretches': [[{ after: 2, schedule: 'restart' }]],
  'training.stretches[].after': [[{ after: 3, schedule: 'restart' }], stretched],
  'training.stretches[].schedule': [[{ after: 2, schedule: 'keep' }], stretched],
  // The run of the first test.
  'training.from': [join(folder, 'run-0')],
  'training.batchSize': [2],
  'training.gradientAccumulation': [2],
  'training.optimizer.name': ['lion'],
  'training.optimizer[adamw].learningRate': [0.02, adamw],
  'training.optimizer[adamw].beta1': [0.5, adamw],
  'training.optimizer[adamw].beta2': [0.5, adamw],
  'training.optimizer[adamw].epsilon': [0.1, adamw],
  'training.optimizer[adamw].weightDecay': [1, adamw],
  'training.optimizer[adamw].decayEmbeddings': [false, adamw],
  'training.optimizer[adamw].activationLearningRateMultiplier': [5, adamw, dynactglu],
  'training.optimizer[sgd].learningRate': [0.02, sgd],
  'training.optimizer[sgd].momentum': [0.5, sgd],
  'training.optimizer[sgd].nesterov': [true, sgd],
  'training.optimizer[sgd].weightDecay': [1, sgd],
  'training.optimizer[sgd].decayEmbeddings': [false, sgd],
  'training.optimizer[sgd].activationLearningRateMultiplier': [5, sgd, dynactglu],
  'training.optimizer[lion].learningRate': [0.02, lion],
  'training.optimizer[lion].beta1': [0.2, lion],
  'training.optimizer[lion].beta2': [0.2, lion],
  'training.optimizer[lion].weightDecay': [1, lion],
  'training.optimizer[lion].decayEmbeddings': [false, lion],
  'training.optimizer[lion].activationLearningRateMultiplier': [5, lion, dynactglu],
  'training.optimizer[muon].learningRate': [0.02, muon],
  'training.optimizer[muon].momentum': [0.5, muon],
  'training.optimizer[muon].iterations': [2, muon],
  'training.optimizer[muon].beta1': [0.5, muon],
  'training.optimizer[muon].beta2': [0.5, muon],
  'training.optimizer[muon].epsilon': [0.1, muon],
  'training.optimizer[muon].weightDecay': [1, muon],
  'training.optimizer[muon].decayEmbeddings': [false, muon],
  'training.optimizer[muon].activationLearningRateMultiplier': [5, muon, dynactglu],
  'training.schedule.name': ['linear', schedule('cosine')],
  'training.schedule[constant].warmupSteps': [3, schedule('constant')],
  'training.schedule[linear].warmupSteps': [3, schedule('linear')],
  'training.schedule[linear].finalFraction': [0.5, schedule('linear')],
  'training.schedule[cosine].warmupSteps': [3, schedule('cosine')],
  'training.schedule[cosine].finalFraction': [0.5, schedule('cosine')],
  'training.schedule[warmup-stable-decay].warmupSteps': [3, schedule('warmup-stable-decay')],
  'training.schedule[warmup-stable-decay].finalFraction': [0.5, schedule('warmup-stable-decay')],
  'training.schedule[warmup-stable-decay].decayFraction': [0.75, schedule('warmup-stable-decay')],
  'training.gradientClip': [0.01],
  'training.evaluation.steps': [[3]],
  'training.evaluation.every': [3, 'training.evaluation={"batches":1}'],
  'training.evaluation.batches': [3],
  'training.checkpoint.every': [1],
  'training.checkpoint.keep': [1],
  'training.checkpoint.best': [true, 'training.checkpoint={"every":4,"keep":3}'],
  'training.sample': [{ prompt: 'the cat' }],
  'training.sample.prompt': ['a house', sampling],
  'training.sample.every': [3, sampling],
  'training.sample.maxTokens': [4, sampling],
  'training.sample.temperature': [0, sampling],
  'training.sample.topK': [1, sampling],
  'training.sample.topP': [0.01, sampling],
  'training.divergence.lossRise': [null, 'training.optimizer.learningRate=30', 'training.divergence.lossRise=0.1'],
  'training.movingAverage': [{ decay: 0.1 }],
  'training.movingAverage.decay': [0.9, averaging, 'training.steps=12'],
};

const base = [
  'model={"layers":1,"width":16,"heads":2,"context":16,"feedForward":{"kind":"swiglu"}}',
  'training={"steps":4,"batchSize":4,"optimizer":{"learningRate":0.01},"schedule":{"warmupSteps":1}}',
  'training.checkpoint={"every":2,"best":false}',
];

const evaluation = 'training.evaluation={"steps":[2],"batches":1}';

let dataset: PreparedDataset;
let runs = 0;
const outcomes = new Map<string, Promise<string>>();

beforeAll(async () => {
  registerOnnxRuntimeBackend({ threads: 1 });
  await tf.setBackend('onnxruntime');
  dataset = await tinyDataset();
});
afterAll(() => dataset.close());

/** Everything that a run leaves behind but times. */
async function outcome(sets: readonly string[]): Promise<string> {
  const evaluated = sets.some((set) => set.startsWith('training.evaluation={')) ? [] : [evaluation];
  const config = parseConfig(applyOverrides({}, [...base, ...evaluated, ...sets]));
  const directory = join(folder, `run-${runs++}`);
  const environment = { versions: {}, backend: { name: 'onnxruntime', device: 'cpu', threads: 1 }, gitCommit: null };
  await trainRun({ config, dataset, directory, environment, compile });
  const run = readRunFolder(directory);
  const records = run.records().map((record) => ({ ...record, elapsedMs: 0, tokensPerSecond: 0 }));
  return JSON.stringify([records, run.checkpoints().map(({ step }) => step)]);
}

function outcomeOnce(sets: readonly string[]): Promise<string> {
  const key = sets.join(' ');
  const known = outcomes.get(key) ?? outcome(sets);
  outcomes.set(key, known);
  return known;
}

test('the table has every option', () => {
  const known = configOptions().filter(({ path }) => /^(seed$|model\.|training\.)/.test(path));
  expect(Object.keys(options).sort()).toEqual(known.map(({ path }) => path).sort());
});

test('every option is described in one line', () => {
  for (const { path, description } of configOptions()) expect(description, path).toMatch(/^[^\n]{5,}$/);
});

async function expectNotIgnored(path: string, [value, ...given]: Setting): Promise<void> {
  const plain = path.replace(/\[\].*$/, '').replace(/\[.*\]/, '');
  const changed = await outcomeOnce([...given, `${plain}=${JSON.stringify(value)}`]);
  expect(changed).not.toBe(await outcomeOnce(given));
}

test('the same settings give the same run: else every option would seem to matter', async () => {
  expect(await outcome([])).toBe(await outcomeOnce([]));
});

test.each(Object.entries(options))('%s is not ignored', expectNotIgnored);

// Options that hold for rmsnorm and for gated blocks need not hold for the others.
test.each<[string, Setting]>([
  ['model.normEpsilon', [0.5, 'model.norm="layernorm"']],
  ['model.feedForward.hiddenWidth', [16, 'model.feedForward.kind="mlp"']],
  ['training.gradientClip', [0.01, 'training.gradientAccumulation=2']],
  ['model.dropout', [0.5, 'training.gradientAccumulation=2']],
  ['training.evaluation.batches', [3, 'training.evaluation={"every":2,"batches":1}']],
])('%s is not ignored with %j', expectNotIgnored);

/** Options of an activation that trains, beside its name in the configuration. */
const activationOptions: Record<string, unknown> = {
  base: 'mish',
  alpha: 0.5,
  beta: 0.5,
  scope: 'channel',
  frozen: true,
  learningRateMultiplier: 20,
};

test('the options of the activation are all of them', () => {
  expect(Object.keys(activationOptions).sort()).toEqual(activationDocumentation('dynactivation').options.toSorted());
});

test.each(Object.entries(activationOptions))(
  '%s of model.feedForward.activation is not ignored',
  async (name, value) => {
    await expectNotIgnored('model.feedForward.activation', [{ name: 'dynactivation', [name]: value }, dynactglu]);
  },
);
