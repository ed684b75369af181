import '@tensorflow/tfjs';
import { createOptimizer, dropoutDraws, optimizerSchema, TrainStep, uniformStream } from '@dynact/nn';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test, vi } from 'vitest';
import { dropBy, Gpt, modelConfigSchema, resolveModelConfig } from '../src/index.ts';
import { attend, causalMask } from '../src/operations/attention.ts';

/** Whether models attend by one matrix of all scores. */
const plain = vi.hoisted(() => ({ calls: 0, isUsed: false }));
vi.mock(import('../src/operations/block-attention.ts'), async (original) => {
  const { attendInBlocks, ...others } = await original();
  return {
    ...others,
    attendInBlocks: (query, key, value, mask) => {
      plain.calls++;
      if (!plain.isUsed) return attendInBlocks(query, key, value, mask);
      return attend(query, key, value, causalMask(query.shape[2], key.shape[2]));
    },
  };
});

// No multiple of a block.
const [batch, context, vocabularySize, dropout] = [2, 600, 50, 0.1];
const config = resolveModelConfig(
  modelConfigSchema.parse({ layers: 2, width: 32, heads: 4, kvHeads: 2, context, dropout }),
  vocabularySize,
);

beforeAll(async () => {
  registerOnnxRuntimeBackend();
  await tf.setBackend('onnxruntime');
});

/** The micro-batch of a step, as the trainer makes it. */
function batchOf(model: Gpt, step: number) {
  const uniform = uniformStream(step, 'batch');
  const tokens = Array.from({ length: batch * context }, () => Math.floor(uniform() * vocabularySize));
  // Half of them follow from the tokens: a loss that fell to nothing would show rounding alone.
  const next = tokens.map((token) => (uniform() < 0.5 ? (7 * token + 3) % vocabularySize : token));
  const rows = (values: number[]) => tf.tensor2d(values, [batch, context], 'int32');
  const draws = Array.from({ length: model.dropoutSites }, (_, site) =>
    dropoutDraws(uniformStream(step, `dropout/${site}`), batch * context, config.width),
  );
  return { inputs: rows(tokens), targets: rows(next), draws };
}

function objective(model: Gpt) {
  const loss = ({ inputs, targets, draws }: ReturnType<typeof batchOf>) =>
    model.loss(inputs, targets, dropBy(draws, dropout));
  return { parameters: model.parameters, loss };
}

/** Losses of some steps, and the gradients of the first. */
async function train(isPlain: boolean, steps: number) {
  plain.isUsed = isPlain;
  const model = new Gpt(config, 0);
  const { loss } = objective(model);
  const gradients = tf.tidy(() => {
    const { grads } = tf.variableGrads(() => loss(batchOf(model, 1)));
    return model.parameters.map(({ name, variable }) => ({ name, values: grads[variable.name]!.dataSync() }));
  });
  const transform = createOptimizer(optimizerSchema.parse({}), () => 1e-2, 1);
  const step = new TrainStep(objective(model), { transform, compile });
  const losses: number[] = [];
  for (let number = 1; number <= steps; number++) losses.push((await step.run(number, [batchOf(model, number)])).loss);
  const sequences = tf.tidy(() => model.tokenLosses(batchOf(model, 1).inputs, batchOf(model, 1).targets).dataSync());
  step.dispose();
  model.dispose();
  return { gradients, losses, sequences };
}

test('a long context with dropout and grouped queries trains as by one matrix of all scores', async () => {
  const steps = process.env.DYNACT_HEAVY ? 200 : 6;
  const before = tf.memory().numTensors;
  const inBlocks = await train(false, steps);
  expect(plain.calls).toBeGreaterThan(0);
  const whole = await train(true, steps);
  expect(tf.memory().numTensors).toBe(before);
  for (const [index, { name, values }] of whole.gradients.entries()) {
    const largest = Math.max(...values.map(Math.abs));
    const differences = values.map((value, place) => Math.abs(value - inBlocks.gradients[index]!.values[place]!));
    expect(Math.max(...differences) / largest, name).toBeLessThan(1e-4);
  }
  expect(whole.losses.at(-1)).toBeLessThan(0.9 * whole.losses[0]!);
  for (const [step, loss] of whole.losses.entries()) {
    expect(Math.abs(inBlocks.losses[step]! / loss - 1), `step ${step + 1}`).toBeLessThan(1e-5);
  }
  for (const [place, loss] of whole.sequences.entries()) {
    expect(Math.abs(inBlocks.sequences[place]! - loss)).toBeLessThan(1e-3 * loss);
  }
}, 600_000);
