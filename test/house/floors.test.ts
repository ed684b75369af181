import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { floors, forbiddenImports, longFiles, rooms } from './floors.ts';

const root = join(import.meta.dirname, '..', '..');

test('every room has a floor', () => {
  expect(rooms(root).filter((room) => floors[room] === undefined)).toEqual([]);
});

test('imports go down only, no package imports an app, no room reaches into another by a path', () => {
  expect(forbiddenImports(root)).toEqual([]);
});

test.each([
  ['up', 'packages/runs', "import { trainRun } from '@dynact/training';"],
  ['a type, up', 'packages/nn', "import type { Gpt } from '@dynact/transformer';"],
  ['beside', 'packages/data', "export { RunFolder } from '@dynact/runs';"],
  ['an app', 'packages/comparison', "const app = await import('@dynact/trainer');"],
  ['an app from an app', 'apps/bench', "import '@dynact/trainer';"],
  ['by a path', 'packages/training', "import { x } from '../../transformer/src/model.ts';"],
  ['a worker by a path', 'apps/bench', "const url = new URL('../../trainer/src/main.ts', import.meta.url);"],
  ['from a room that stands alone', 'packages/activations', "import { InputError } from '@dynact/files';"],
])('a planted import is found: %s', (_, room, line) => {
  expect(forbiddenImports(planted(room, line))).toHaveLength(1);
});

test('no source file has more than 250 lines', () => {
  expect(longFiles(root)).toEqual([]);
  expect(longFiles(planted('packages/nn', 'x();\n'.repeat(250)))).toEqual([]);
  expect(longFiles(planted('packages/nn', 'x();\n'.repeat(251)))).toEqual(['packages/nn/src/index.ts: 251 lines']);
});

/** A house of one room with one file. */
function planted(room: string, text: string): string {
  const folder = temporaryFolder();
  const source = join(folder, room, 'src', 'index.ts');
  mkdirSync(dirname(source), { recursive: true });
  writeFileSync(source, text);
  return folder;
}
