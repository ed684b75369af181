import { existsSync, readdirSync, readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { activationList } from '../scripts/document/list.ts';
import { documentationFiles, plainCall } from '../scripts/document/pages.ts';
import * as functions from '../src/index.ts';
import { activationNames, curve } from '../src/registry.ts';

const folder = new URL('../docs/', import.meta.url);
let files: Map<string, string>;

beforeAll(async () => {
  files = await documentationFiles();
});

test('the list has every file that defines an activation', () => {
  expect(readFileSync(new URL('../src/activations.ts', import.meta.url), 'utf8')).toBe(activationList());
});

test.each(activationNames())('the page and the picture of %s are current', (name) => {
  for (const path of [`${name}.md`, `pictures/${name}.svg`]) {
    const committed = existsSync(new URL(path, folder)) ? readFileSync(new URL(path, folder), 'utf8') : undefined;
    expect(committed, `docs/${path}: run \`pnpm --filter @dynact/activations document\``).toBe(files.get(path));
  }
});

test('docs/ holds the index and nothing that is out of date', () => {
  expect(readFileSync(new URL('README.md', folder), 'utf8')).toBe(files.get('README.md'));
  const held = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('.'));
  expect(held.sort()).toEqual([...files.keys()].sort());
});

test('shows calls of functions that exist', () => {
  for (const name of activationNames()) {
    expect(functions, name).toHaveProperty(plainCall(name).slice(0, plainCall(name).indexOf('(')));
  }
});

test('curve gives the value and the derivative of the initial values', async () => {
  const { x, value, derivative } = await curve(
    'dynactivation',
    { alpha: 0.7, beta: 0.2 },
    { from: -2, to: 2, points: 5 },
  );
  expect([...x]).toEqual([-2, -1, 0, 1, 2]);
  [...x].forEach((x, index) => {
    const sigmoid = 1 / (1 + Math.exp(-x));
    expect(value[index]).toBeCloseTo(0.5 * x * sigmoid + 0.2 * x, 6);
    expect(derivative[index]).toBeCloseTo(0.5 * (sigmoid + x * sigmoid * (1 - sigmoid)) + 0.2, 6);
  });
});

test('curve draws the derivative of each value by its own x, also where f is not elementwise', async () => {
  const { x, value, derivative } = await curve('polynorm', {}, { from: -2, to: 2, points: 9 });
  const step = 1e-4;
  const f = (row: number[]) => {
    const normed = (power: number) => {
      const mean = row.reduce((sum, x) => sum + x ** (2 * power), 0) / row.length;
      return row.map((x) => x ** power / Math.sqrt(mean + 1e-6) / 3);
    };
    return normed(1).map((first, index) => first + normed(2)[index]! + normed(3)[index]!);
  };
  const row = [...x];
  row.forEach((x, index) => {
    const at = (x: number) => f(row.with(index, x))[index]!;
    expect(value[index]).toBeCloseTo(at(x), 5);
    expect(derivative[index]).toBeCloseTo((at(x + step) - at(x - step)) / (2 * step), 3);
  });
});
