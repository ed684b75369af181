import '@tensorflow/tfjs';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenizer } from '@dynact/data';
import { InputError } from '@dynact/files';
import { decodeSafetensors } from '@dynact/runs';
import { Gpt, modelConfigSchema, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { joinedBy } from '../src/export/byte-pair-merges.ts';
import { onigurumaPattern } from '../src/export/tokenizer-files.ts';
import { exportLlama } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'dynact-llama-'));
const vocabularySize = 300;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function create(model: object): Gpt {
  const config = {
    layers: 2,
    width: 16,
    heads: 4,
    kvHeads: 2,
    context: 12,
    normEpsilon: 1e-5,
    ropeBase: 500,
    ...model,
  };
  return new Gpt(resolveModelConfig(modelConfigSchema.parse(config), vocabularySize), 7);
}

const read = (name: string, file: string) => readFileSync(join(folder, name, file));

// That transformers computes the same from these files is checked by hand: checks/llama/recorded-output.txt.
test('a Llama folder holds the weights transposed, under their names, and the configuration', async () => {
  const model = create({ tieEmbeddings: false });
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize });
  await exportLlama(model, tokenizer, join(folder, 'untied'));
  const { tensors, metadata } = decodeSafetensors(read('untied', 'model.safetensors'));
  expect(metadata).toEqual({ format: 'pt' });
  expect(tensors.size).toBe(2 * 9 + 3);
  const key = model.parameters.find(({ name }) => name === 'blocks.1.attention.key.weight')!;
  expect(tensors.get('model.layers.1.self_attn.k_proj.weight')).toEqual({
    shape: [8, 16],
    data: tf.transpose(key.variable).dataSync(),
  });
  const embedding = model.parameters.find(({ name }) => name === 'tokenEmbedding.weight')!;
  expect(tensors.get('model.embed_tokens.weight')).toEqual({ shape: [300, 16], data: embedding.variable.dataSync() });
  expect(tensors.get('lm_head.weight')!.shape).toEqual([300, 16]);
  expect(JSON.parse(read('untied', 'config.json').toString())).toMatchObject({
    architectures: ['LlamaForCausalLM'],
    vocab_size: 300,
    hidden_size: 16,
    intermediate_size: 48,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 12,
    rms_norm_eps: 1e-5,
    rope_theta: 500,
    tie_word_embeddings: false,
    eos_token_id: 299,
    pad_token_id: 299,
  });
  // That transformers 4.46, 4.57 and 5 pad and generate with it: checks/llama/recorded-output.txt.
  expect(JSON.parse(read('untied', 'tokenizer_config.json').toString())).toMatchObject({
    model_input_names: ['input_ids', 'attention_mask'],
    pad_token: '<|endoftext|>',
    padding_side: 'left',
    model_max_length: 12,
  });
  expect(readdirSync(folder)).toEqual(['untied']);
});

test('a tied model has no output matrix of its own', async () => {
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize });
  await exportLlama(create({}), tokenizer, join(folder, 'tied'));
  expect(decodeSafetensors(read('tied', 'model.safetensors')).tensors.has('lm_head.weight')).toBe(false);
  expect(JSON.parse(read('tied', 'config.json').toString()).tie_word_embeddings).toBe(true);
});

describe('what is no Llama is refused, and nothing is written', () => {
  test.each([
    [{ norm: 'layernorm' }, /model\.norm is layernorm/],
    [{ position: 'learned' }, /model\.position is learned/],
    [{ bias: true }, /model\.bias is true/],
    [{ feedForward: { kind: 'dynactglu' } }, /layer 0 is gated by dynactivation, not by silu/],
    [{ feedForward: { kind: 'swiglu', perLayer: [{}, { kind: 'mlp' }] } }, /layer 1 is not gated/],
  ])('%j', async (model, message) => {
    const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize });
    const attempt = exportLlama(create(model), tokenizer, join(folder, 'refused'));
    await expect(attempt).rejects.toThrow(InputError);
    await expect(attempt).rejects.toThrow(message);
    expect(existsSync(join(folder, 'refused'))).toBe(false);
  });

  test('a folder that holds something stays as it is', async () => {
    const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize });
    await expect(exportLlama(create({}), tokenizer, folder)).rejects.toThrow(/holds files already/);
  });
});

describe('tokenizer files', () => {
  test('the pair of a token is what lower ranks leave of it', () => {
    const tokens = ['a', 'b', 'c', 'bc', 'ab', 'abc', 'abcbc', 'zz'].map((text) => new TextEncoder().encode(text));
    const pairOf = joinedBy(tokens);
    expect(pairOf(0)).toBeUndefined();
    expect(pairOf(3)).toEqual([1, 2]);
    // bc comes before ab, so abc is a and bc, not ab and c.
    expect(pairOf(5)).toEqual([0, 3]);
    expect(pairOf(6)).toEqual([5, 3]);
  });

  test('white space is spelled out and the end is the end of the text', () => {
    expect(onigurumaPattern(/[^\s\p{L}]+|\s+(?!\S)|\s+$/u)).toMatch(
      /^\[\^\\t-\\r .*\\x\{FEFF\}\\p\{L\}\]\+\|\[\\t.*\]\+\(\?!\[\^\\t.*\]\)\|.*\]\+\\z$/,
    );
    expect(onigurumaPattern(/[$]\p{N}/u)).toBe('[$]\\p{N}');
  });
});
