import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyOverrides, type PresetName, parseConfig, planModel, presets } from '../src/index.ts';
import { configWith, tinyRuns } from './support/tiny-runs.ts';

const { folder, train } = tinyRuns();

function planOf(preset: PresetName, ...sets: string[]) {
  return planModel(parseConfig(applyOverrides(presets[preset], sets)));
}

test('gpt2-124m has the parameters and the shapes of GPT-2 (Radford et al. 2019)', () => {
  const plan = planOf('gpt2-124m');
  expect(plan.parameters).toBe(124_439_808);
  const shapeOf = (name: string) => {
    const { shape, count } = plan.parameterTable.find((parameter) => parameter.name === name)!;
    return [...shape, count];
  };
  expect(shapeOf('tokenEmbedding.weight')).toEqual([50_257, 768, 1]);
  expect(shapeOf('positionEmbedding.weight')).toEqual([1024, 768, 1]);
  // c_attn [768, 2304] is the query's, the key's and the value's matrix side by side.
  for (const part of ['query', 'key', 'value', 'output']) {
    expect(shapeOf(`blocks.*.attention.${part}.weight`)).toEqual([768, 768, 12]);
    expect(shapeOf(`blocks.*.attention.${part}.bias`)).toEqual([768, 12]);
  }
  expect(shapeOf('blocks.*.feedForward.up.weight')).toEqual([768, 3072, 12]);
  expect(shapeOf('blocks.*.feedForward.down.weight')).toEqual([3072, 768, 12]);
  expect(shapeOf('blocks.*.attentionNorm.gain')).toEqual([768, 12]);
  expect(shapeOf('finalNorm.bias')).toEqual([768, 1]);
});

test("shakespeare has nanoGPT's layers, in bytes", () => {
  const { parameters } = planOf('shakespeare');
  const layer = 4 * 128 ** 2 + 2 * 128 * 513 + 2 * 128;
  expect(parameters).toBe((257 + 64) * 128 + 4 * layer + 128);
});

test('the table adds up, and costs follow from it', () => {
  const plan = planOf('llama-style');
  const size = (shape: readonly number[]) => shape.reduce((product, dimension) => product * dimension, 1);
  expect(plan.parameterTable.reduce((sum, { shape, count }) => sum + count * size(shape), 0)).toBe(plan.parameters);
  expect(plan.tokensPerStep).toBe(4 * 16 * 512);
  expect(plan.flops).toBe(plan.flopsPerToken * plan.tokensPerStep * 20_000);
});

describe('the memory estimate', () => {
  // Measured with `test:slow` and by hand, resident megabytes at the peak of some steps on two threads.
  test.each([
    ['small', [], 1536],
    ['small', ['training.gradientAccumulation=1'], 1317],
    ['small', ['training.gradientAccumulation=1', 'training.batchSize=2'], 904],
    ['small', ['training.gradientAccumulation=1', 'model.layers=1'], 648],
    ['small', ['training.gradientAccumulation=1', 'training.optimizer.name=lion'], 1188],
    [
      'small',
      ['training.gradientAccumulation=1', 'training.batchSize=4', 'model.context=512', 'model.kvHeads=2'],
      1341,
    ],
    ['llama-style', ['training.gradientAccumulation=1', 'training.batchSize=1', 'model.layers=12'], 1967],
    ['nano', [], 282],
  ] as [PresetName, string[], number][])('of %s %j is within 15 %% of what was measured', (preset, sets, measured) => {
    expect(Math.abs(planOf(preset, ...sets).memory.total / (measured * 1e6) - 1)).toBeLessThan(0.15);
  });

  test('of a GPU leaves out what lies in main memory', () => {
    const total = (...sets: string[]) => planOf('small', 'backend.device="cuda:1"', ...sets).memory.total;
    const taken = 1.25;
    expect(total('training.movingAverage={}') - total()).toBe(taken * 2 * 4 * planOf('small').parameters);
    const { activations, gradients, logits } = planOf('small').memory;
    const onGpu = { activations: taken * activations, gradients: taken * gradients, logits: taken * logits };
    expect(planOf('small', 'backend.device=cuda').memory).toMatchObject(onGpu);
  });

  // Megabytes in use after `pnpm bench engine --device cuda --model MODEL` on an H200.
  test.each([
    ['a', { vocabSize: 4096, width: 256, layers: 4, heads: 4, context: 128, batchSize: 16 }, 2505],
    ['c', { vocabSize: 8192, width: 512, layers: 8, heads: 8, context: 256, batchSize: 32 }, 7211],
    ['d', { vocabSize: 50257, width: 768, layers: 12, heads: 12, context: 512, batchSize: 8 }, 13_752],
  ])('of a GPU, model %s, is within 10 %% of what was measured', (_, { vocabSize, batchSize, ...model }, measured) => {
    const sizes = Object.entries(model).map(([key, value]) => `model.${key}=${value}`);
    const training = [`training.batchSize=${batchSize}`, 'training.gradientAccumulation=1'];
    const { total } = planOf(
      'default',
      `dataset.vocabSize=${vocabSize}`,
      ...sizes,
      ...training,
      'backend.device=cuda',
    ).memory;
    expect(Math.abs(total / (measured * 1e6) - 1)).toBeLessThan(0.1);
  });

  test('knows what costs memory', () => {
    const total = (...sets: string[]) => planOf('small', ...sets).memory.total;
    const floats = 4 * planOf('small').parameters;
    expect(total('training.gradientAccumulation=1')).toBeLessThan(total());
    expect(total('training.movingAverage={}') - total()).toBe(3 * floats);
    expect(total() - total('training.optimizer.name=lion')).toBe(3 * floats);
    expect(total('model.context=512')).toBeGreaterThan(total());
    // A mask for the embedding and for two branches of each of six layers, of one micro-batch.
    const masks = 13 * 8 * 256 * 384;
    for (const microBatches of [2, 100]) {
      const accumulation = `training.gradientAccumulation=${microBatches}`;
      expect(total('model.dropout=0.1', accumulation) - total(accumulation)).toBe(4 * masks);
    }
  });
});

test.each([
  ['the last and the best', { every: undefined, best: true }, {}, 2],
  ['three of many and the best', { every: 2, keep: 3, best: true }, {}, 4],
  ['the last alone', { every: undefined, best: false }, { optimizer: { name: 'lion' }, movingAverage: {} }, 1],
])('disk is planned for the checkpoints that stay: %s', async (name, checkpoint, training, most) => {
  const config = configWith({ training: { steps: 12, evaluation: { steps: [1, 12] }, checkpoint, ...training } });
  await train(config, name);
  const checkpoints = join(folder, name, 'checkpoints');
  const files = readdirSync(checkpoints, { recursive: true, encoding: 'utf8' });
  const bytes = files
    .filter((file) => file.endsWith('.safetensors'))
    .map((file) => readFileSync(join(checkpoints, file)))
    .reduce((sum, file) => sum + file.length - 8 - Number(file.readBigUInt64LE()), 0);
  // The last one is often the best, too.
  const kept = readdirSync(checkpoints).length;
  expect(most - kept).toBeOneOf(checkpoint.best ? [0, 1] : [0]);
  expect(bytes).toBe((planModel(config).disk * kept) / most);
});
