import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Workbench } from './support/workbench.ts';

const bench = new Workbench();
const swiglu = bench.path('swiglu');
const dynactglu = bench.path('dynactglu');

beforeAll(async () => {
  const short = { 'training.steps': 2 };
  for (const [directory, kind] of [
    [swiglu, 'swiglu'],
    [dynactglu, 'dynactglu'],
  ] as const) {
    const values = bench.tiny({ ...short, 'model.feedForward.kind': kind });
    expect((await bench.run('train', ...values, '--out', directory)).status).toBe(0);
  }
});

describe('export', () => {
  test('writes a Llama folder of a swiglu run', async () => {
    const out = bench.path('llama');
    const { status, stdout } = await bench.run('export', swiglu, '--format', 'safetensors', '--out', out, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ directory: out, format: 'safetensors', step: 2 });
    expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'))).toMatchObject({
      model_type: 'llama',
      vocab_size: 300,
      hidden_size: 16,
    });
  });

  test('writes ONNX files of a dynactglu run', async () => {
    const out = bench.path('onnx');
    expect((await bench.run('export', dynactglu, '--format', 'onnx', '--out', out)).status).toBe(0);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(['model.onnx', 'model-with-cache.onnx', 'tokenizer.json']));
  });

  test.each([
    ['a dynactglu run as a Llama', () => [dynactglu, '--format', 'safetensors'], /layer 0 is gated by dynactivation/],
    ['an unknown format', () => [swiglu, '--format', 'gguf'], /choices are safetensors, onnx/],
    ['no format', () => [swiglu], /--format/],
    ['a missing run', () => [bench.path('nowhere'), '--format', 'onnx'], /does not exist/],
  ])('refuses %s in one line and writes nothing', async (_, options, message) => {
    const out = bench.path('refused');
    const { status, stderr } = await bench.run('export', ...options(), '--out', out);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });
});

describe('plan', () => {
  test('prints the parameters and the shapes of GPT-2', async () => {
    const { status, stdout } = await bench.run('plan', '--preset', 'gpt2-124m');
    expect(status).toBe(0);
    expect(stdout).toMatch(/tokenEmbedding\.weight +\[50257, 768\]/);
    expect(stdout).toMatch(/blocks\.\*\.feedForward\.up\.weight +\[768, 3072\] +matrix +12/);
    expect(stdout).toMatch(/parameters +124,439,808 \(124\.4 M\)/);
    expect(stdout).toMatch(/memory for training .* MB/);
  });

  test('is one JSON document on demand, and refuses what does not fit', async () => {
    const { stdout } = await bench.run('plan', '--json', '--set', 'model.width=64');
    expect(JSON.parse(stdout)).toMatchObject({ tokensPerStep: 16 * 128, activationParameters: 0 });
    const { status, stderr } = await bench.run('plan', '--set', 'model.heads=5');
    expect([status, stderr.trim().split('\n').length]).toEqual([2, 1]);
  });
});
