import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { compare, loadRun, sample, train } from '../src/index.ts';
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
  const run = join(folder, 'runs/long');
  const steps = () => {
    const log = join(run, 'metrics.jsonl');
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
    return lines.flatMap((line): number[] => {
      const { kind, step } = JSON.parse(line);
      return kind === 'train' ? [step] : [];
    });
  };
  /** Starts the program, and stops it as Ctrl-C does after so many steps. @returns the steps of its checkpoints */
  const stopAfter = async (count: number) => {
    const child = start(folder, example);
    const closed = once(child, 'close');
    while (child.exitCode === null && (steps().at(-1) ?? 0) < count) await wait(5);
    child.kill('SIGINT');
    expect(await closed).toEqual([130, null]);
    return readdirSync(join(run, 'checkpoints')).map((name) => Number(name.replace('step-', '')));
  };
  const first = Math.max(...(await stopAfter(9)));
  expect(first).toBe(steps().at(-1));
  const later = Math.max(...(await stopAfter(first + 3)));
  expect(later).toBeGreaterThanOrEqual(first + 3);
  expect(steps()).toEqual(Array.from({ length: later }, (_, index) => index + 1));
  expect(readdirSync(run)).not.toContain('.lock');
  await expect(train(join(folder, 'letters.txt'), { stepz: 1 } as object)).rejects.toThrow(
    /^train: there is no option "stepz"; use preset, config, steps, .*, signal$/,
  );
  await expect(
    compare(join(folder, 'letters.txt'), { config: { comparison: { executor: { kind: 'slurm' } } } }),
  ).rejects.toThrow(/^comparison\.executor: slurm is for the command/);
}, 300_000);

test('a run computes where it is told to, and wrong options are refused before anything is loaded', async () => {
  const folder = userFolder();
  const tiny = { dataset: { vocabSize: 300 }, model: { layers: 1, width: 16, heads: 2, context: 16 } };
  const out = join(folder, 'runs/tiny');
  await train(join(folder, 'letters.txt'), { out, steps: 2, config: tiny, datasets: join(folder, 'datasets') });
  const loaded = await loadRun(out, { backend: { name: 'cpu' } });
  expect([loaded.backend.name, loaded.config.backend.name]).toEqual(['cpu', 'cpu']);
  await expect(sample(loaded, 'dear', { plugins: ['a.ts'] })).rejects.toThrow(
    /^sample: plugins and backend are of a run/,
  );
  loaded.model.dispose();
  await expect(loadRun(out, { plugin: [] } as object)).rejects.toThrow(
    /^loadRun: there is no option "plugin"; use plugins, backend$/,
  );
  await expect(sample('nowhere', 'dear', { topk: 3 } as object)).rejects.toThrow(
    /^sample: there is no option "topk"; use .*topK/,
  );
}, 300_000);
