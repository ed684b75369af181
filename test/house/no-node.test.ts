import { join } from 'node:path';
import { type BuildFailure, build } from 'esbuild';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Modules of Node that a bundle of `code` for browsers would need, dependencies included. */
async function nodeModulesIn(code: string, resolveDir: string): Promise<string[]> {
  const bundle = { bundle: true, write: false, platform: 'browser', format: 'esm', logLevel: 'silent' } as const;
  try {
    await build({ ...bundle, conditions: ['@dynact/source'], stdin: { contents: code, resolveDir, loader: 'ts' } });
    return [];
  } catch (error) {
    return (error as BuildFailure).errors.map(({ text, location }) => `${location?.file}: ${text}`);
  }
}

test.each([
  ['@dynact/activations', 'packages/transformer'],
  ['@dynact/nn', 'packages/transformer'],
  ['@dynact/transformer', 'packages/training'],
  ['@dynact/data/tokens', 'packages/training'],
  ['@dynact/runs/format', 'packages/comparison'],
  ['@dynact/runs/records', 'packages/comparison'],
  ['@dynact/runs/report', 'packages/comparison'],
  ['@dynact/training/learning', 'packages/comparison'],
])('%s runs in a browser: nothing of Node is in it', async (name, from) => {
  expect(await nodeModulesIn(`export * from '${name}';`, join(root, from))).toEqual([]);
});

test('a planted import of Node is found', async () => {
  const planted = "import { readFileSync } from 'node:fs'; console.log(readFileSync);";
  expect(await nodeModulesIn(planted, root)).toEqual([expect.stringContaining('node:fs')]);
});
