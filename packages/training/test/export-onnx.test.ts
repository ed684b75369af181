import '@tensorflow/tfjs';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenizer } from '@dynact/data';
import { registerOnnxRuntimeBackend, toOnnx } from '@dynact/tfjs-backend-onnxruntime';
import { Gpt, modelConfigSchema, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { exportOnnx, onnxModel, onnxModelWithCache } from '../src/index.ts';

const vocabularySize = 300;

beforeAll(async () => {
  registerOnnxRuntimeBackend({ threads: 2 });
  await tf.setBackend('onnxruntime');
  ortWeb.env.wasm.numThreads = 1;
});

function create(model: object): Gpt {
  // Initial values large enough that every part of the model moves the logits.
  const initialization = { standardDeviation: 0.2, embeddingStandardDeviation: 0.3 };
  const config = { layers: 2, width: 32, heads: 4, context: 24, initialization, ...model };
  return new Gpt(resolveModelConfig(modelConfigSchema.parse(config), vocabularySize), 7);
}

function tokensOf(batch: number, time: number): number[][] {
  return Array.from({ length: batch }, (_, row) => Array.from({ length: time }, (_, i) => (row * 31 + i * 17) % 300));
}

function ownLogits(model: Gpt, tokens: number[][]): Float32Array {
  return tf.tidy(() => model.logits(tf.tensor2d(tokens, undefined, 'int32')).dataSync()) as Float32Array;
}

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(expected, (value, index) => Math.abs(value - actual[index]!)));
}

const architectures: [string, object][] = [
  ['dynactglu, rope, grouped queries', { kvHeads: 2, feedForward: { kind: 'dynactglu' } }],
  [
    'mlp, LayerNorm, learned positions, biases, untied',
    { norm: 'layernorm', position: 'learned', bias: true, tieEmbeddings: false, feedForward: { kind: 'mlp' } },
  ],
  ['apaluglu, no positions, one key head', { kvHeads: 1, position: 'none', feedForward: { kind: 'apaluglu' } }],
];

describe.each([
  ['onnxruntime-node', ortNode],
  ['onnxruntime-web', ortWeb],
] as [string, typeof ortNode][])('an exported model in %s', (_, ort) => {
  const tensor = (tokens: number[][]) =>
    new ort.Tensor('int64', BigInt64Array.from(tokens.flat(), BigInt), [tokens.length, tokens[0]!.length]);

  test.each(architectures)('has the same logits at two lengths: %s', async (_, options) => {
    const model = create(options);
    const session = await ort.InferenceSession.create(onnxModel(model, toOnnx));
    for (const [batch, time] of [
      [1, 5],
      [3, 24],
    ] as const) {
      const tokens = tokensOf(batch, time);
      const { logits } = await session.run({ input_ids: tensor(tokens) });
      expect(logits!.dims).toEqual([batch, time, vocabularySize]);
      expect(largestDifference(logits!.data as Float32Array, ownLogits(model, tokens))).toBeLessThan(1e-4);
    }
    model.dispose();
  });

  test('says in one line that a text is longer than the context', async () => {
    for (const [, options] of architectures) {
      const model = create(options);
      const session = await ort.InferenceSession.create(onnxModel(model, toOnnx));
      await expect(session.run({ input_ids: tensor(tokensOf(1, 25)) })).rejects.toThrow(
        /^[^\n]*the_text_is_longer_than_the_context_of_24_tokens[^\n]*$/,
      );
      model.dispose();
    }
  });

  test.each(architectures)('with a cache, read in parts: %s', async (_, options) => {
    const model = create(options);
    const { layers, kvHeads, headWidth } = model.config;
    const session = await ort.InferenceSession.create(onnxModelWithCache(model, toOnnx));
    for (const parts of [
      [7, 1, 1],
      [1, 10, 5, 8],
    ]) {
      const whole = tokensOf(
        2,
        parts.reduce((sum, part) => sum + part),
      );
      const expected = ownLogits(model, whole);
      let past: Record<string, ortNode.Tensor> = {};
      for (let layer = 0; layer < layers; layer++) {
        for (const part of ['key', 'value']) {
          past[`past.${layer}.${part}`] = new ort.Tensor('float32', new Float32Array(), [2, kvHeads, 0, headWidth]);
        }
      }
      let start = 0;
      for (const part of parts) {
        const outputs = await session.run({
          input_ids: tensor(whole.map((row) => row.slice(start, start + part))),
          ...past,
        });
        const logits = outputs.logits!.data as Float32Array;
        for (let row = 0; row < 2; row++) {
          const from = (row * whole[0]!.length + start) * vocabularySize;
          const own = expected.slice(from, from + part * vocabularySize);
          const theirs = logits.slice(row * part * vocabularySize, (row + 1) * part * vocabularySize);
          expect(largestDifference(theirs, own)).toBeLessThan(1e-4);
        }
        past = Object.fromEntries(
          Object.keys(past).map((name) => [name, outputs[name.replace('past', 'present')] as ortNode.Tensor]),
        );
        start += part;
      }
    }
    model.dispose();
  });
});

test('the folder has both models, the tokenizer and the architecture; no tensor is left behind', async () => {
  const directory = join(mkdtempSync(join(tmpdir(), 'dynact-onnx-')), 'out');
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize });
  const model = create({});
  onnxModel(model, toOnnx);
  const before = tf.memory().numTensors;
  await exportOnnx(model, tokenizer, directory, toOnnx);
  expect(tf.memory().numTensors).toBe(before);
  expect(readdirSync(directory).sort()).toEqual([
    'config.json',
    'model-with-cache.onnx',
    'model.onnx',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
});
