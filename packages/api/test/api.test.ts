import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Comparison } from '@dynact/runs/records';
import { expect, test } from 'vitest';
import { isBuilt } from '../../../test/support/built.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';

const api = dirname(fileURLToPath(new URL('.', import.meta.url)));
const tsx = pathToFileURL(createRequire(join(api, '../../package.json')).resolve('tsx')).href;

/** A folder of a user's own with a text, where @dynact/api is installed. */
function userFolder(): string {
  const folder = temporaryFolder();
  const words = 'dear sir the old dog walked to the river and then slept near the house but the young man ran'.split(
    ' ',
  );
  const line = (n: number) => Array.from({ length: 10 }, (_, k) => words[(n * 3 + k * (1 + (n % 5))) % words.length]);
  writeFileSync(
    join(folder, 'letters.txt'),
    Array.from({ length: 600 }, (_, n) => `${line(n).join(' ')}.`).join('\n\n'),
  );
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(folder, 'node_modules/@dynact'), { recursive: true });
  symlinkSync(api, join(folder, 'node_modules/@dynact/api'));
  return folder;
}

/** Runs a script of this package's tests in a user's folder. @returns what it prints */
function run(folder: string, source: URL): string {
  const script = join(folder, 'script.ts');
  writeFileSync(script, readFileSync(source, 'utf8'));
  const conditions = isBuilt ? [] : ['--conditions=@dynact/source'];
  const child = spawnSync(process.execPath, [...conditions, '--import', tsx, script], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(child.status, child.stderr).toBe(0);
  return child.stdout;
}

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

test('a comparison with a plugin, once more without training, a sample of it, and an error of one line', () => {
  const folder = userFolder();
  writeFileSync(
    join(folder, 'small-gate.ts'),
    `import { defineActivation } from '@dynact/activations';
     import * as tf from '@tensorflow/tfjs-core';
     defineActivation({ name: 'small-gate', parameters: { c: { initial: 1 } }, value: (x: tf.Tensor, { c }) => tf.mul(x, tf.tanh(tf.mul(c, x))) });`,
  );
  const result = JSON.parse(run(folder, new URL('./support/compare-child.ts', import.meta.url)));
  const comparison: Comparison = result.comparison;
  expect(comparison.variants.map(({ name, runs }) => [name, runs.length])).toEqual([
    ['swiglu', 2],
    ['small-gate', 2],
  ]);
  expect(comparison.paired.map(({ variant, baseline }) => [variant, baseline])).toContainEqual([
    'small-gate',
    'swiglu',
  ]);
  expect(result.first).toHaveLength(4);
  expect([result.again, result.later]).toEqual([comparison, []]);
  expect(result.text).toMatch(/^the.+/);
  expect(result.changed).toMatch(
    /other-gate-seed-0: this run is made with other-gate of .*, which is not given or has changed; /,
  );
  expect(result.refused).toBe('InputError: temperature: -1 is not a number of 0 or more');
}, 300_000);
