import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { api, run, userFolder } from './support/user-folder.ts';

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
