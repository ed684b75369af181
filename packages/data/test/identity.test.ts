import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { listDatasets } from '../src/index.ts';
import { foldersOf, prepareSmall, textOf } from './support/prepare.ts';

const english = 'alpha beta gamma '.repeat(100);
const digits = 'seven eight nine '.repeat(100);

/** Writes a file in folders of its own. @returns its path */
function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe('two corpora of one name have folders of their own:', () => {
  test.each([
    ['files in two folders', 'english/text.txt', 'digits/text.txt'],
    ['names without a Latin letter', 'книга.txt', 'роман.txt'],
    ['names that differ in marks alone', 'my notes.txt', 'my,notes.txt'],
    ['names that differ in their ending', 'text.txt', 'text.md'],
    ['names that differ in what follows a dot', 'text.en.txt', 'text.de.txt'],
    ['long names that differ at the end', `${'x'.repeat(100)}1.txt`, `${'x'.repeat(100)}2.txt`],
    ['only marks', '---.txt', '+++.txt'],
  ])('%s', async (_, one, other) => {
    const folder = temporaryFolder();
    const datasets = join(folder, 'datasets');
    const first = await prepareSmall(write(folder, one, english), datasets);
    const second = await prepareSmall(write(folder, other, digits), datasets);
    expect(second.directory).not.toBe(first.directory);
    expect(await textOf(second, 'train')).toContain('seven');
    const again = await prepareSmall(join(folder, one), datasets);
    expect(again.directory).toBe(first.directory);
    expect(await textOf(again, 'train')).toContain('alpha');
    expect(listDatasets(foldersOf(datasets))).toHaveLength(2);
  });

  test('definitions in two folders, alike to the letter', async () => {
    const folder = temporaryFolder();
    const keys = {
      source: { kind: 'files', files: ['text.txt'] },
      splits: { by: 'position', validation: 0.1, test: 0.1 },
    };
    const definition = JSON.stringify({ name: 'stories', description: 'Stories', license: 'CC0-1.0', ...keys });
    for (const [at, text] of [
      ['a', english],
      ['b', digits],
    ] as const) {
      write(folder, `${at}/text.txt`, text);
      write(folder, `${at}/stories.json`, definition);
    }
    const datasets = join(folder, 'datasets');
    const first = await prepareSmall(join(folder, 'a/stories.json'), datasets);
    const second = await prepareSmall(join(folder, 'b/stories.json'), datasets);
    expect(second.directory).not.toBe(first.directory);
    expect(await textOf(second, 'train')).toContain('seven');
    // By its name, from the folder that the caller names, it has its own folder.
    const named = await prepareSmall('stories', datasets, { definitions: [join(folder, 'b')] });
    expect(named.directory).toBe(join(datasets, 'stories', 'r50k_base-512'));
    // The same definition in the other folder is found to be of another text.
    const other = await prepareSmall('stories', datasets, { definitions: [join(folder, 'a')] });
    expect(await textOf(other, 'train')).toContain('alpha');
  });

  test('a base name is enough while it is the only one', async () => {
    const folder = temporaryFolder();
    const datasets = join(folder, 'datasets');
    const first = await prepareSmall(write(folder, 'a/input.txt', english), datasets);
    expect((await prepareSmall('input', datasets)).directory).toBe(first.directory);
    const second = await prepareSmall(write(folder, 'b/input.txt', digits), datasets);
    await expect(prepareSmall('input', datasets)).rejects.toThrow(
      /^"input" was prepared from several places: say input-[0-9a-f]{8}, input-[0-9a-f]{8} or a path$/,
    );
    expect((await prepareSmall(second.manifest.name, datasets)).directory).toBe(second.directory);
  });

  test('a definition is named as its file', async () => {
    const folder = temporaryFolder();
    const keys = {
      source: { kind: 'files', files: ['text.txt'] },
      splits: { by: 'position', validation: 0.1, test: 0.1 },
    };
    write(folder, 'a.json', JSON.stringify({ name: 'b', description: 'B', license: 'CC0-1.0', ...keys }));
    await expect(prepareSmall('a', folder)).rejects.toThrow(/a\.json has the name "b": name both alike/);
  });
});

describe('a text of the same size is seen to be another', () => {
  test.each<[string, (path: string, folder: string) => void]>([
    ['written over', (path) => writeFileSync(path, digits)],
    [
      'with the clock set back',
      (path) => {
        writeFileSync(path, digits);
        utimesSync(path, 1, 1);
      },
    ],
    [
      'moved there with its old times',
      (path, folder) => {
        write(folder, 'new.txt', digits);
        utimesSync(join(folder, 'new.txt'), 1, 1);
        renameSync(join(folder, 'new.txt'), path);
      },
    ],
    [
      'copied there with its times',
      (path, folder) => {
        write(folder, 'new.txt', digits);
        utimesSync(join(folder, 'new.txt'), 1, 1);
        rmSync(path);
        cpSync(join(folder, 'new.txt'), path, { preserveTimestamps: true });
      },
    ],
    ['by one letter at its end', (path) => writeFileSync(path, `${english.slice(0, -6)}gammy `)],
    [
      'at once, within a tick of the clock',
      (path) => {
        writeFileSync(path, 'x'.repeat(english.length));
        writeFileSync(path, digits);
      },
    ],
  ])('%s', async (_, change) => {
    const folder = temporaryFolder();
    const path = write(folder, 'text.txt', english);
    utimesSync(path, 1, 1);
    const datasets = join(folder, 'datasets');
    const before = await prepareSmall(path, datasets);
    // Made long ago, as far as the stamps can tell.
    const stamps = join(before.directory, 'source-stamps.json');
    const content = JSON.parse(readFileSync(stamps, 'utf8'));
    writeFileSync(stamps, JSON.stringify({ ...content, taken: content.taken + 60_000 }));
    change(path, folder);
    const after = await prepareSmall(path, datasets);
    expect(after.manifest.source.sha256).not.toBe(before.manifest.source.sha256);
  });

  test('and what is only touched is not made again, nor read twice', async () => {
    const folder = temporaryFolder();
    const path = write(folder, 'text.txt', english);
    const datasets = join(folder, 'datasets');
    const { directory } = await prepareSmall(path, datasets);
    writeFileSync(join(directory, 'marker'), '');
    utimesSync(path, 1, 1);
    await prepareSmall(path, datasets);
    expect(existsSync(join(directory, 'marker'))).toBe(true);
    expect(readFileSync(join(directory, 'source-stamps.json'), 'utf8')).toContain(' 1000000000 ');
  });
});

describe('a prepared dataset that is not whole is made again:', () => {
  test.each(['train.bin', 'validation.bin', 'test.bin', 'token-counts.json', 'manifest.json'])(
    '%s deleted, cut off, changed',
    async (name) => {
      const folder = temporaryFolder();
      const path = write(folder, 'text.txt', english);
      const { directory, manifest } = await prepareSmall(path, folder);
      const file = join(directory, name);
      const original = readFileSync(file);
      for (const harm of [
        () => rmSync(file),
        () => writeFileSync(file, original.subarray(0, -2)),
        () => writeFileSync(file, Buffer.alloc(original.length, 'x')),
      ]) {
        harm();
        const again = await prepareSmall(path, folder);
        expect(again.manifest).toEqual(manifest);
        expect(readFileSync(file)).toEqual(original);
      }
    },
  );
});
