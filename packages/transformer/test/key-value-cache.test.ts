import '@tensorflow/tfjs';
import { runAsIs, uniformStream } from '@dynact/nn';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { KeyValueCache } from '../src/generation/key-value-cache.ts';
import { FullRecomputation } from '../src/generation/next-logits.ts';
import { Gpt, modelConfigSchema, resolveModelConfig } from '../src/index.ts';

const uniform = uniformStream(4, 'prompts');
const prompt = (length: number) => Array.from({ length }, () => Math.floor(uniform() * 300));

// A batch that is not full, of prompts that end in chunks of their own, on past a move of new tokens to the past.
test.each([
  ['cpu', 2],
  ['cpu', 4],
  ['onnxruntime', 2],
])('%s: logits of a batch with %i key heads are those of the whole context', async (backend, kvHeads) => {
  registerOnnxRuntimeBackend({ threads: 1 });
  await tf.setBackend(backend);
  const config = { width: 16, layers: 2, heads: 4, kvHeads, context: 80 };
  const model = new Gpt(resolveModelConfig(modelConfigSchema.parse(config), 300), 3);
  const cache = new KeyValueCache(model, 3, runAsIs);
  const full = new FullRecomputation(model, 3, runAsIs);
  const sequences = [prompt(36), prompt(3)];
  for (let step = 0; step < 35; step++) {
    const found = await cache.next(sequences);
    if (step % 17 === 0) {
      for (const [row, logits] of (await full.next(sequences)).entries()) {
        for (const [index, logit] of logits.entries()) expect(found[row]![index]).toBeCloseTo(logit, 4);
      }
    }
    for (const [row, sequence] of sequences.entries()) sequence.push((7 * step + 31 * row) % 300);
  }
  cache.dispose();
  full.dispose();
  model.dispose();
});

test('a text finds nothing of the one before it, not even numbers that are none', async () => {
  registerOnnxRuntimeBackend({ threads: 1 });
  await tf.setBackend('onnxruntime');
  const config = { width: 16, layers: 2, heads: 2, context: 80 };
  const model = new Gpt(resolveModelConfig(modelConfigSchema.parse(config), 300), 3);
  const known = new Set(Object.values(tf.engine().state.registeredVariables));
  const cache = new KeyValueCache(model, 1, compile);
  const kept = Object.values(tf.engine().state.registeredVariables).filter((variable) => !known.has(variable));
  expect(kept).toHaveLength(8);
  const full = new FullRecomputation(model, 1, compile);
  for (const length of [70, 3, 40, 33]) {
    for (const variable of kept) tf.tidy(() => variable.assign(tf.fill(variable.shape, Number.NaN)));
    const sequences = [prompt(length)];
    for (let step = 0; step < 5; step++) {
      const [[found], [expected]] = [await cache.next(sequences), await full.next(sequences)];
      for (const [index, logit] of expected!.entries()) expect(found![index]).toBeCloseTo(logit, 4);
      sequences[0]!.push(step);
    }
  }
  cache.dispose();
  full.dispose();
  model.dispose();
});
