import '@tensorflow/tfjs';
import { uniformStream } from '@dynact/nn';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type GenerationOptions,
  Gpt,
  generate,
  generateText,
  modelConfigSchema,
  resolveModelConfig,
  sampleToken,
  streamTexts,
  type TextPiece,
  TextStream,
  TokenGenerator,
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
    ['the best k of a nucleus', { temperature: 1, topK: 3, topP: 0.75 }, [0, 0.7 / 0.9, 0.2 / 0.9, 0]],
    ['the best one at temperature 0', { temperature: 0 }, [0, 1, 0, 0]],
  ])('%s', (_, options, expected) => {
    for (const [token, p] of share(options).entries()) expect(p).toBeCloseTo(expected[token]!, 1.7);
  });
});

test('the range that is sorted has no part in the draw: it is that of a full sort, with ties and impossible tokens', () => {
  const values = uniformStream(2, 'logits');
  for (let round = 0; round < 200; round++) {
    const size = 2 + Math.floor(values() * 40);
    const scale = 10 ** (3 * values() - 1);
    const logits = Float32Array.from({ length: size }, () =>
      values() < 0.1 ? Number.NEGATIVE_INFINITY : Math.round(values() * 20) * scale,
    );
    logits[0] = 0;
    const options = {
      temperature: 0.5 + values(),
      topK: 1 + Math.floor(values() * size),
      topP: 0.05 + 0.95 * values(),
    };
    const sorted = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
    const kept = sorted.slice(0, options.topK);
    const weights = kept.map((token) => Math.exp((logits[token]! - logits[sorted[0]!]!) / options.temperature));
    const needed = options.topP * weights.reduce((sum, weight) => sum + weight, 0);
    let [count, sum] = [0, 0];
    while (sum < needed) sum += weights[count++]!;
    const uniform = values();
    let index = 0;
    for (let reached = weights[0]!; reached <= uniform * sum; reached += weights[index]!) index++;
    expect(sampleToken(logits, options, () => uniform)).toBe(kept[index]);
  }
});

test('the repetition penalty divides positive logits of what was seen and multiplies negative ones', () => {
  const logits = Float32Array.from([2, 1.9, -1, -1.5]);
  const greedy = (seen: number[], repetitionPenalty: number) =>
    sampleToken(logits, { temperature: 0, repetitionPenalty }, () => 0, seen);
  expect(greedy([], 1.2)).toBe(0);
  expect(greedy([0, 0], 1)).toBe(0);
  // Once however often it was seen: 2 / 1.2 < 1.9, and 2 / 1.04 > 1.9 while 2 / 1.04^2 < 1.9.
  expect(greedy([0], 1.2)).toBe(1);
  expect(greedy([0, 0], 1.04)).toBe(0);
  const negative = Float32Array.from([-1, -1.1]);
  expect(sampleToken(negative, { temperature: 0, repetitionPenalty: 1.2 }, () => 0, [0])).toBe(1);
});

test.each([
  ['NaN everywhere', [Number.NaN, Number.NaN]],
  ['one NaN behind a number', [1, Number.NaN]],
  ['infinity', [1, Number.POSITIVE_INFINITY]],
])('logits that are not finite are refused: %s', (_, logits) => {
  for (const temperature of [0, 1]) {
    expect(() => sampleToken(Float32Array.from(logits), { temperature }, () => 0.5)).toThrow(
      /^the model's logits are not finite: .*use an earlier checkpoint$/,
    );
  }
});

describe('TextStream', () => {
  /** One token a UTF-8 byte. */
  const decode = (tokens: readonly number[]) => new TextDecoder().decode(Uint8Array.from(tokens));
  const pieces = (text: string, stops: string[]) => {
    const stream = new TextStream(decode, stops);
    const given = [...new TextEncoder().encode(text)].map((byte) => stream.push(byte));
    return { given: [...given, stream.end()], stopped: stream.stopped };
  };

  test('a character comes when all its bytes are there', () => {
    expect(pieces('aé€', []).given).toEqual(['a', '', 'é', '', '', '€', '']);
  });

  test('nothing that may become a stop string is given out, and the stop string never', () => {
    expect(pieces('xaabz', ['aab'])).toEqual({ given: ['x', '', '', '', '', ''], stopped: true });
    expect(pieces('xaac', ['aab'])).toEqual({ given: ['x', '', '', 'aac', ''], stopped: false });
    expect(pieces('xaa', ['aab']).given.join('')).toBe('xaa');
    expect(pieces('one. two', ['. ', 'tw'])).toMatchObject({ stopped: true });
    expect(pieces('one. two', ['. ', 'tw']).given.join('')).toBe('one');
  });

  test('bytes that are no text come out at the end', () => {
    const stream = new TextStream(decode);
    expect(stream.push(0xff)).toBe('');
    expect(stream.push(0x61)).toBe('\ufffda');
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
    [[1.5], {}, /^prompt: token 1.5 is outside/],
    [[1], { temperature: -1 }, /^temperature: -1/],
    [[1], { topK: 0 }, /^top-k: 0/],
    [[1], { topP: 1.5 }, /^top-p: 1.5/],
    [[1], { repetitionPenalty: 0 }, /^repetition-penalty: 0/],
    [[1], { maximumTokens: 0 }, /^max-tokens: 0/],
  ])('refuses prompt %j with %j', async (prompt, options, message) => {
    await expect(run(prompt, options)).rejects.toThrow(message);
  });
});

describe('with a cache of keys and values', () => {
  const prompts = [[4, 9, 200, 31], [17], Array.from({ length: 70 }, (_, index) => (index * 37) % 300)];
  const options = { maximumTokens: 200, temperature: 0, seed: 1 };

  /** Texts of a generator, of its second turn: only later does it choose several tokens in a call. */
  async function texts(model: Gpt, given: number[][], settings: { cache: boolean }) {
    const generator = new TokenGenerator(model, { compile, batch: given.length, ...settings });
    const turns: number[][][] = [];
    for (let turn = 0; turn < (settings.cache ? 2 : 1); turn++) {
      const rows: number[][] = given.map(() => []);
      for await (const tokens of generator.generate(given, options)) {
        for (const [row, token] of tokens.entries()) rows[row]!.push(token!);
      }
      turns.push(rows);
    }
    generator.dispose();
    expect(turns.at(-1)).toEqual(turns[0]);
    return turns[0]!;
  }

  test.each([
    ['rope, grouped queries', { heads: 4, kvHeads: 2 }],
    [
      'learned positions, biases, LayerNorm, untied',
      {
        heads: 2,
        position: 'learned',
        norm: 'layernorm',
        bias: true,
        tieEmbeddings: false,
        feedForward: { kind: 'mlp' },
      },
    ],
    [
      'no positions, one key head, dynActGLU',
      { heads: 4, kvHeads: 1, position: 'none', feedForward: { kind: 'dynactglu' } },
    ],
    ['a context that ends on the way', { heads: 2, context: 100 }],
    ['a context shorter than a chunk', { heads: 2, context: 20 }],
  ])('200 greedy tokens equal those of full recomputation: %s', async (_, model) => {
    registerOnnxRuntimeBackend({ threads: 1 });
    await tf.setBackend('onnxruntime');
    // Large initial values, so that the likeliest token depends on all tokens before it.
    const initialization = { standardDeviation: 0.3, embeddingStandardDeviation: 0.5 };
    const config = { layers: 2, width: 32, context: 272, initialization, ...model };
    const gpt = new Gpt(resolveModelConfig(modelConfigSchema.parse(config), 300), 3);
    const cut = prompts.map((prompt) => prompt.slice(0, config.context));
    const before = tf.memory().numTensors;
    const cached = await texts(gpt, cut, { cache: true });
    const full = await texts(gpt, cut, { cache: false });
    expect(cached).toEqual(full);
    expect(new Set(cached.flat()).size).toBeGreaterThan(20);
    // A row of a batch is what it would be alone.
    expect(await texts(gpt, [cut[1]!], { cache: true })).toEqual([cached[1]]);
    // The tables of the whole context stay with the model.
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(7);
    gpt.dispose();
  });

  test('weights that are spoiled on the way are told of, also where several tokens are chosen in a call', async () => {
    await tf.setBackend('onnxruntime');
    const config = { layers: 1, width: 16, heads: 2, context: 400 };
    const model = new Gpt(resolveModelConfig(modelConfigSchema.parse(config), 300), 3);
    const generator = new TokenGenerator(model, { compile });
    let count = 0;
    const run = async () => {
      for await (const _ of generator.generate([[1]], { ...options, maximumTokens: 350 })) {
        if (++count === 300) tf.tidy(() => model.parameters[0]!.variable.assign(tf.fill([300, 16], Number.NaN)));
      }
    };
    await expect(run()).rejects.toThrow(/^the model's logits are not finite/);
    expect(count).toBeLessThan(320);
    generator.dispose();
    model.dispose();
  });

  test('a second prompt begins with an empty cache', async () => {
    await tf.setBackend('cpu');
    const model = new Gpt(
      resolveModelConfig(modelConfigSchema.parse({ layers: 1, width: 16, heads: 2, context: 40 }), 300),
      3,
    );
    const generator = new TokenGenerator(model);
    const run = async (prompt: number[]) => {
      const tokens: (number | undefined)[] = [];
      for await (const [token] of generator.generate([prompt], { ...options, maximumTokens: 8 })) tokens.push(token);
      return tokens;
    };
    const first = await run([1, 2, 3]);
    expect(await run([5])).not.toEqual(first);
    expect(await run([1, 2, 3])).toEqual(first);
  });
});

describe('streamTexts', () => {
  const decode = (tokens: readonly number[]) => tokens.map((token) => `${token};`).join('');
  const options = { maximumTokens: 9, temperature: 1, seed: 5, decode };
  let generator: TokenGenerator;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    const config = modelConfigSchema.parse({ layers: 1, width: 16, heads: 2, context: 8 });
    generator = new TokenGenerator(new Gpt(resolveModelConfig(config, 300), 3), { batch: 2 });
  });

  async function run(more: object = {}) {
    const texts = ['', ''];
    let last: TextPiece[] = [];
    for await (const pieces of streamTexts(generator, [[1], [2]], { ...options, ...more })) {
      for (const [row, { text, ended }] of pieces.entries()) {
        if (last[row]?.ended) expect({ text, ended }).toEqual({ text: '', ended: true });
        texts[row] += text;
      }
      last = pieces;
    }
    return { texts, last };
  }

  test('each text of a batch goes its own way to its own end', async () => {
    const { texts, last } = await run();
    expect(last.map(({ tokens, ended }) => [tokens, ended])).toEqual([
      [9, true],
      [9, true],
    ]);
    const [first, second] = texts.map((text) => text.split(';'));
    expect(first!.slice(0, 9)).not.toEqual(second!.slice(0, 9));
    // The second ends at its fourth token, the first goes on without it.
    const stopped = await run({ stopStrings: [`;${second![3]};`] });
    expect(stopped.texts).toEqual([texts[0], second!.slice(0, 3).join(';')]);
    expect(stopped.last.map(({ tokens }) => tokens)).toEqual([9, 4]);
    const ended = await run({ endOfText: Number(second![3]) });
    expect(ended.texts).toEqual([texts[0], `${second!.slice(0, 3).join(';')};`]);
    expect(ended.last.map(({ tokens }) => tokens)).toEqual([9, 3]);
  });

  test('ends when the last of them ends', async () => {
    const { texts } = await run();
    const thirds = texts.map((text) => `;${text.split(';')[2]};`);
    expect((await run({ stopStrings: thirds })).last.map(({ tokens }) => tokens)).toEqual([3, 3]);
  });
});

test('generateText streams text and stops before a stop string', async () => {
  await tf.setBackend('cpu');
  const model = new Gpt(
    resolveModelConfig(modelConfigSchema.parse({ layers: 1, width: 16, heads: 2, context: 8 }), 300),
    3,
  );
  const decode = (tokens: readonly number[]) => tokens.map((token) => `${token};`).join('');
  const options = { maximumTokens: 9, temperature: 1, seed: 5, decode };
  const whole: string[] = [];
  for await (const piece of generateText(model, [1], options)) whole.push(piece);
  expect(whole.join('').split(';')).toHaveLength(10);
  const stop = `;${whole.join('').split(';')[4]};`;
  const parts: string[] = [];
  for await (const piece of generateText(model, [1], { ...options, stopStrings: [stop] })) parts.push(piece);
  expect(parts.join('')).toBe(whole.join('').slice(0, whole.join('').indexOf(stop)));
});
