import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { compare, train } from '../src/index.ts';
import { api, run, start, userFolder } from './support/user-folder.ts';

test('the example of the README trains, samples and loads, typed and in a folder of its own', () => {
  const readme = readFileSync(join(api, 'README.md'), 'utf8');
  const example = new URL('./support/readme-example.ts', import.meta.url);
  expect(readme.split('```ts\n')[1]!.split('```')[0]).toBe(readFileSync(example, 'utf8'));
  const folder = userFolder();
  const lines = run(folder, example).trimEnd().split('\n');
  const count = lines.findIndex((line) => !/^\d+ [\d.]+$/.test(line));
  const losses = lines.slice(0, count).map((line) => line.split(' ').map(Number));
  // An untrained model predicts nearly uniformly over 512 tokens; the text has 17 words.
  expect(losses[0]).toEqual([0, expect.closeTo(Math.log(512), 0)]);
  expect(losses.at(-1)![1]).toBeLessThan(4);
  const [perplexity, text] = lines.slice(count);
  expect(Number(perplexity)).toBeCloseTo(Math.exp(losses.at(-1)![1]!), 6);
  expect(text).toMatch(/^Dear.+/);
  expect(Number(lines.at(-1))).toBeGreaterThan(20);
  expect(existsSync(join(folder, 'runs/letters/summary.json'))).toBe(true);
  // Called again it returns what is there: the same perplexity and text, and no evaluation.
  expect(run(folder, example).trimEnd().split('\n')).toEqual(lines.slice(count));
}, 300_000);

test('a program that hands a signal on is saved by Ctrl-C, and goes on where it was; wrong options are one line', async () => {
  const readme = readFileSync(join(api, 'README.md'), 'utf8');
  const example = new URL('./support/stop-and-go-on.ts', import.meta.url);
  expect(readme.split('```ts\n')[2]!.split('```')[0]).toBe(readFileSync(example, 'utf8'));
  const folder = userFolder();
  const child = start(folder, example);
  const log = join(folder, 'runs/long/metrics.jsonl');
  while (child.exitCode === null && !(existsSync(log) && /"step":9,/.test(readFileSync(log, 'utf8')))) await wait(5);
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  expect(code).toBe(130);
  const [checkpoint] = readdirSync(join(folder, 'runs/long/checkpoints'));
  expect(readdirSync(join(folder, 'runs/long')).sort()).not.toContain('.lock');
  const steps = Number(checkpoint!.replace('step-', ''));
  expect(steps).toBeGreaterThanOrEqual(9);
  await expect(train(join(folder, 'letters.txt'), { stepz: 1 } as object)).rejects.toThrow(
    /^train: there is no option "stepz"; use preset, config, steps, .*, signal$/,
  );
  await expect(
    compare(join(folder, 'letters.txt'), { config: { comparison: { executor: { kind: 'slurm' } } } }),
  ).rejects.toThrow(/^comparison\.executor: slurm is for the command/);
}, 300_000);
