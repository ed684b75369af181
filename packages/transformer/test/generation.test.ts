import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type GenerationOptions,
  Gpt,
  generate,
  modelConfigSchema,
  resolveModelConfig,
  sampleToken,
  uniformStream,
} from '../src/index.ts';

describe('sampleToken', () => {
  const logits = Float32Array.from([0.1, 0.7, 0.2, 0.05], Math.log);
  const share = (options: Parameters<typeof sampleToken>[1]) => {
    const uniform = uniformStream(1, 'test');
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 20_000; draw++) counts[sampleToken(logits, options, uniform)]! += 1 / 20_000;
    return counts;
  };

  test.each([
    ['the softmax at temperature 1', { temperature: 1 }, [0.1, 0.7, 0.2, 0.05].map((p) => p / 1.05)],
    ['squared odds at temperature 1/2', { temperature: 0.5 }, [0.01, 0.49, 0.04, 0.0025].map((p) => p / 0.5425)],
    ['the best k', { temperature: 1, topK: 2 }, [0, 0.7 / 0.9, 0.2 / 0.9, 0]],
    ['the smallest nucleus', { temperature: 1, topP: 0.9 }, [0.1, 0.7, 0.2, 0]],
    ['the best one at temperature 0', { temperature: 0 }, [0, 1, 0, 0]],
  ])('%s', (_, options, expected) => {
    for (const [token, p] of share(options).entries()) expect(p).toBeCloseTo(expected[token]!, 1.7);
  });
});

describe('generate', () => {
  const config = { layers: 1, width: 16, heads: 2, context: 8 };
  let model: Gpt;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    model = new Gpt(resolveModelConfig(modelConfigSchema.parse(config), 300), 3);
  });

  async function run(prompt: number[], options: Partial<GenerationOptions> = {}): Promise<number[]> {
    const tokens: number[] = [];
    const all = { maximumTokens: 12, temperature: 1, seed: 5, ...options };
    for await (const token of generate(model, prompt, all)) tokens.push(token);
    return tokens;
  }

  test('greedy tokens are the most likely ones of the model itself, also past the context', async () => {
    const generated = await run([4, 9], { temperature: 0 });
    const all = [4, 9, ...generated];
    for (let end = 2; end < all.length; end++) {
      const visible = all.slice(Math.max(0, end - 8), end);
      const best = tf.tidy(() => {
        const logits = model.logits(tf.tensor2d([visible], undefined, 'int32'));
        return tf.argMax(logits, 2).dataSync()[visible.length - 1];
      });
      expect(all[end]).toBe(best);
    }
  });

  test('the same seed draws the same tokens, another seed others', async () => {
    expect(await run([1])).toEqual(await run([1]));
    expect(await run([1], { seed: 6 })).not.toEqual(await run([1]));
  });

  test('stops before the end of text', async () => {
    const tokens = await run([1]);
    expect(await run([1], { endOfText: tokens[3]! })).toEqual(tokens.slice(0, tokens.indexOf(tokens[3]!)));
  });

  test('leaves no tensor behind', async () => {
    await run([1], { maximumTokens: 1 });
    const before = tf.memory().numTensors;
    await run([1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [[], {}, /^prompt: it is empty/],
    [[300], {}, /^prompt: token 300 is outside/],
    [[1], { temperature: -1 }, /^temperature: -1/],
    [[1], { topK: 0 }, /^top-k: 0/],
    [[1], { topP: 1.5 }, /^top-p: 1.5/],
    [[1], { maximumTokens: 0 }, /^max-tokens: 0/],
  ])('refuses prompt %j with %j', async (prompt, options, message) => {
    await expect(run(prompt, options)).rejects.toThrow(message);
  });
});
