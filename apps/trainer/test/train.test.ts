import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ended, sha256, timelessRecords, until, Workbench } from './support/workbench.ts';

const bench = new Workbench();
const whole = bench.path('whole');
/** Long enough that a process on a busy machine is stopped in the middle. */
const steps = 120;
const lastCheckpoint = join('checkpoints', `step-00000${steps}`);

beforeAll(async () => {
  const { status, stdout } = await bench.run(
    'train',
    ...bench.tiny({ 'training.steps': steps }),
    '--out',
    whole,
    '--json',
  );
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'finished', step: steps, final: { step: steps } });
});

async function stopAtCheckpoint(directory: string, signal: NodeJS.Signals): Promise<number | null> {
  const child = bench.start(['train', ...bench.tiny({ 'training.steps': steps }), '--out', directory]);
  const outcome = ended(child);
  await until(() => existsSync(join(directory, 'checkpoints', 'step-00000005', 'state.json')), outcome);
  child.kill(signal);
  const { status } = await outcome;
  expect(existsSync(join(directory, 'summary.json')), 'it was stopped before its end').toBe(false);
  return status;
}

describe.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('a run stopped by %s', (signal) => {
  test('resumes and ends with the bits and the records of one that was never stopped', async () => {
    const directory = bench.path(`stopped-by-${signal}`);
    expect(await stopAtCheckpoint(directory, signal)).toBe({ SIGKILL: null, SIGINT: 130, SIGTERM: 143 }[signal]);
    const { status } = await bench.run('train', '--resume', directory);
    expect(status).toBe(0);
    for (const file of ['weights.safetensors', 'optimizer.safetensors']) {
      expect(sha256(join(directory, lastCheckpoint, file))).toBe(sha256(join(whole, lastCheckpoint, file)));
    }
    expect(timelessRecords(directory)).toEqual(timelessRecords(whole));
  });
});

test('evaluate reads all of another text, or the part that is asked for; only where it computes can be set', async () => {
  const other = await bench.run('evaluate', whole, '--data', bench.corpus, '--json');
  const all = await bench.run('evaluate', whole, '--split', 'all', '--json', '--set', 'backend.threads=2');
  expect(JSON.parse(other.stdout)).toMatchObject({ split: 'all', tokens: JSON.parse(all.stdout).tokens });
  expect(JSON.parse(other.stdout).loss).toBeCloseTo(JSON.parse(all.stdout).loss, 5);
  const parts = await Promise.all(
    ['train', 'validation', 'test'].map(async (split) => {
      const { stdout } = await bench.run('evaluate', whole, '--split', split, '--json');
      return JSON.parse(stdout) as { loss: number; tokens: number };
    }),
  );
  const tokens = parts.reduce((sum, part) => sum + part.tokens, 0);
  expect(tokens).toBe(JSON.parse(all.stdout).tokens);
  expect(parts.reduce((sum, part) => sum + part.loss * part.tokens, 0) / tokens).toBeCloseTo(
    JSON.parse(all.stdout).loss,
    5,
  );
  const plain = ['export', whole, '--format', 'onnx', '--out', bench.path('onnx'), '--set', 'backend.name=cpu'];
  expect((await bench.run(...plain)).stderr).toMatch(/this run uses cpu; add --set backend\.name=onnxruntime\n$/);
  const wrong = await bench.run('evaluate', whole, '--set', 'backend.device=toaster');
  expect(wrong.stderr).toMatch(/^error: --set backend\.device=toaster: backend\.device: /);
  const elsewhere = await bench.run('evaluate', whole, '--set', 'model.width=3');
  expect([elsewhere.status, elsewhere.stderr]).toEqual([
    2,
    'error: --set model: of a run that is there, only backend.* can be set; leave it out\n',
  ]);
});

test('evaluate prints the recorded loss of the whole validation split exactly', async () => {
  const records = timelessRecords(whole) as { kind: string; step: number; loss: number }[];
  const recorded = records.findLast(({ kind }) => kind === 'whole-split')!.loss;
  const text = await bench.run('evaluate', whole);
  expect(text.stdout).toContain(`loss          ${recorded} nats per token`);
  const json = await bench.run('evaluate', join(whole, lastCheckpoint), '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ step: steps, split: 'validation', loss: recorded });
  const test = await bench.run('evaluate', whole, '--split', 'test', '--json');
  expect(JSON.parse(test.stdout).loss).not.toBe(recorded);
});

test('sample continues the prompt, the same for the same seed', async () => {
  const sample = (...options: string[]) =>
    bench.run('sample', whole, '--prompt', 'the old man', '--max-tokens', '24', ...options);
  const [first, again, other] = [await sample(), await sample(), await sample('--seed', '9')];
  expect(first.stdout.startsWith('the old man')).toBe(true);
  expect(first.stdout.length).toBeGreaterThan(20);
  expect(again.stdout).toBe(first.stdout);
  expect(other.stdout).not.toBe(first.stdout);
  const json = JSON.parse((await sample('--json')).stdout);
  expect(`the old man${json.text}\n`).toBe(first.stdout);
});

test('sample continues several prompts together, each as often as wanted', async () => {
  const file = bench.path('prompt.txt');
  writeFileSync(file, 'the old man\n');
  const sample = (...options: string[]) => bench.run('sample', whole, '--max-tokens', '24', ...options);
  const alone = await sample('--prompt-file', file);
  expect(alone.stdout).toBe((await sample('--prompt', 'the old man')).stdout);
  const piped = bench.start(['sample', whole, '--max-tokens', '24', '--prompt-file', '-'], 'pipe');
  piped.stdin!.end('the old man');
  expect((await ended(piped)).stdout).toBe(alone.stdout);

  const both = ['--prompt', 'the old man', '--prompt', 'a dog', '--count', '2'];
  const texts = JSON.parse((await sample(...both, '--json')).stdout) as { prompt: string; text: string }[];
  expect(texts.map(({ prompt }) => prompt)).toEqual(['the old man', 'the old man', 'a dog', 'a dog']);
  expect(new Set(texts.map(({ text }) => text)).size).toBe(4);
  expect(`the old man${texts[0]!.text}\n`).toBe(alone.stdout);
  const written = texts.map(({ prompt, text }, index) => `--- ${index + 1} of 4 ---\n${prompt}${text}\n`);
  expect((await sample(...both)).stdout).toBe(written.join(''));
});

test('progress goes to stderr in plain lines, the result to stdout', async () => {
  const { stdout, stderr } = await bench.run(
    'train',
    ...bench.tiny({ 'training.steps': 6 }),
    '--out',
    bench.path('lines'),
  );
  expect(stdout).toMatch(/^finished after 6 steps: .*lines\n/);
  expect(stderr).toMatch(/^train: 6\/6, validation perplexity [\d.]+ at step 6$/m);
});

test('the configuration of a run is recorded whole', () => {
  const { config, backend, versions } = JSON.parse(readFileSync(join(whole, 'config.json'), 'utf8'));
  expect(config.dataset.name).toBe(bench.corpus);
  expect(config.training.optimizer.name).toBe('adamw');
  expect(backend).toEqual({ name: 'onnxruntime', device: 'cpu', threads: 1 });
  expect(versions.node).toBe(process.versions.node);
});
