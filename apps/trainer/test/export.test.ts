import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { timelessRecords, Workbench } from './support/workbench.ts';

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

  test('writes the log of a run, and of all runs of a comparison, in the long form', async () => {
    const { status, stdout } = await bench.runHere('export', swiglu, '--format', 'csv');
    expect(status).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toBe('variant,seed,step,tokens,elapsedMs,split,metric,value');
    const records = timelessRecords(swiglu) as { kind: string; step: number; loss: number }[];
    const losses = records.filter(({ kind }) => kind === 'train').map(({ step, loss }) => [`${step}`, `${loss}`]);
    const shown = rows.map((row) => row.split(','));
    expect(shown.filter((row) => row[5] === 'train').map((row) => [row[2], row[7]])).toEqual(losses);
    expect(shown.every((row) => row.length === 8 && row[0] === 'swiglu' && row[1] === '0')).toBe(true);
    const comparison = bench.path('compared');
    for (const [from, to] of [
      [swiglu, 'swiglu-seed-10'],
      [swiglu, 'swiglu-seed-9'],
      [dynactglu, 'dynactglu-seed-9'],
    ] as const) {
      cpSync(from, join(comparison, to), { recursive: true });
    }
    const out = bench.path('log.csv');
    expect((await bench.runHere('export', comparison, '--format', 'csv', '--out', out)).status).toBe(0);
    const variants = readFileSync(out, 'utf8')
      .split('\n')
      .slice(1, -1)
      .map((row) => row.split(',')[0]);
    expect([...new Set(variants)]).toEqual(['dynactglu', 'swiglu']);
    expect((await bench.runHere('export', swiglu, '--format', 'csv', '--out', out)).status).toBe(2);
  });

  test.each([
    ['a dynactglu run as a Llama', () => [dynactglu, '--format', 'safetensors'], /layer 0 is gated by dynactivation/],
    ['an unknown format', () => [swiglu, '--format', 'gguf'], /choices are safetensors, onnx, csv/],
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
