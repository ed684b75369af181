import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claimRunFolder } from '@dynact/api';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { startChild } from '../../../test/support/child-process.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { datasetFolders, datasetSource, runsDirectory } from '../src/places.ts';

let user = '';

beforeEach(() => {
  user = temporaryFolder();
  vi.stubEnv('INIT_CWD', user);
  vi.stubEnv('npm_package_name', 'dynact');
  vi.stubEnv('DYNACT_DATASETS', undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test('runs and datasets lie beside the user, definitions also in the package', () => {
  expect(runsDirectory()).toBe(join(user, 'runs'));
  const { datasets, definitions } = datasetFolders();
  expect([datasets, definitions[0]]).toEqual([join(user, 'datasets'), join(user, 'datasets')]);
  vi.stubEnv('DYNACT_DATASETS', '/large/disk');
  expect(datasetFolders().datasets).toBe('/large/disk');
});

test('a corpus is the name of a definition, or what lies beside the user', () => {
  mkdirSync(join(user, 'letters'));
  mkdirSync(join(user, 'gutenberg-books'));
  writeFileSync(join(user, 'notes'), 'text');
  mkdirSync(join(user, 'datasets'));
  writeFileSync(join(user, 'datasets', 'mine.json'), '{}');
  const from = (name: string) => datasetSource(name).replace(user, '<user>');
  expect(['letters', 'notes', 'letters.txt', './letters', 'a/b'].map(from)).toEqual(
    ['letters', 'notes', 'letters.txt', 'letters', 'a/b'].map((name) => `<user>/${name}`),
  );
  expect(['gutenberg-books', 'mine', 'prepared-before'].map(from)).toEqual([
    'gutenberg-books',
    'mine',
    'prepared-before',
  ]);
});

describe('a run without --out', () => {
  test('has a folder of its own, also where several start at once', async () => {
    const script = new URL('./support/children/claim.ts', import.meta.url);
    const folders: string[] = [];
    const children = Array.from({ length: 3 }, () => startChild(script, '20'));
    for (const child of children) {
      child.process.stdout!.on('data', (data: Buffer) => folders.push(...data.toString().trim().split('\n')));
    }
    expect(await Promise.all(children.map((child) => child.ended()))).toEqual([0, 0, 0]);
    const expected = Array.from({ length: 60 }, (_, index) => `train-${String(index + 1).padStart(3, '0')}`);
    expect(folders.map((folder) => basename(folder)).sort()).toEqual(expected);
  }, 180_000);

  test('is refused in one line where there can be none', () => {
    writeFileSync(join(user, 'runs'), '');
    expect(inputErrorOf(() => claimRunFolder(runsDirectory(), 'train'))).toContain(
      `${join(user, 'runs')} cannot be written`,
    );
  });
});

test.runIf(process.platform !== 'win32')(
  'dynact works from any folder, through links, with any name',
  () => {
    const folder = join(user, 'мои тексты');
    mkdirSync(folder);
    symlinkSync(fileURLToPath(new URL('../../../dynact', import.meta.url)), join(user, 'first link'));
    symlinkSync('../first link', join(folder, 'dynact'));
    writeFileSync(join(folder, 'my configuration.json'), '\uFEFF{ "model": { "width": 64 } }');
    const { status, stdout, stderr } = spawnSync(
      join(folder, 'dynact'),
      ['plan', '--json', '--config', 'my configuration.json'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout).parameterTable[0].shape[1]).toBe(64);
  },
  300_000,
);
