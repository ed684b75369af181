import '@tensorflow/tfjs';
import { runAsIs, uniformStream } from '@dynact/nn';
import { registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
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
