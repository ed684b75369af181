import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { inspectDataset } from '../src/index.ts';
import { prepareSmall, wholeTextOf } from './support/prepare.ts';

const stories = Array.from({ length: 40 }, (_, i) => (i % 7 === 3 ? null : `Story ${i} of some length.`));
const texts = stories.filter((story) => story !== null);
const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

function writeParquet(folder: string, data: readonly (string | null)[], rowGroupSize?: number): string {
  const filename = join(folder, 'a.parquet');
  const columnData = [{ name: 'text', data: [...data], type: 'STRING' as const, nullable: true }];
  parquetWriteFile({ filename, columnData, ...(rowGroupSize === undefined ? {} : { rowGroupSize }) });
  return filename;
}

function writeLines(folder: string, values: readonly unknown[], name = 'a.jsonl'): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(lines(values)) : lines(values));
  return path;
}

test.each<[string, (folder: string) => string]>([
  ['Parquet', (folder) => writeParquet(folder, stories)],
  ['Parquet of many row groups', (folder) => writeParquet(folder, stories, 3)],
  [
    'JSON lines',
    (folder) =>
      writeLines(
        folder,
        stories.map((text) => ({ id: 1, text })),
      ),
  ],
  [
    'compressed JSON lines',
    (folder) =>
      writeLines(
        folder,
        stories.map((text) => ({ text })),
        'a.jsonl.gz',
      ),
  ],
  [
    'JSON lines that are null',
    (folder) =>
      writeLines(
        folder,
        stories.map((text) => (text === null ? null : { text })),
      ),
  ],
  [
    'JSON lines that begin with null',
    (folder) =>
      writeLines(
        folder,
        [...stories].sort((a) => (a === null ? -1 : 1)).map((text) => ({ text })),
      ),
  ],
])('rows of null are passed over and counted: %s', async (_, write) => {
  const folder = temporaryFolder();
  const dataset = await prepareSmall(write(folder), join(folder, 'datasets'));
  const found = (await wholeTextOf(dataset)).split('<|endoftext|>').slice(0, -1);
  expect(found.sort()).toEqual([...texts].sort());
  expect(dataset.manifest.source.files[0]?.nullRows).toBe(6);
  expect((await inspectDataset(dataset)).source.nullRows).toBe(6);
});

test('rows that together are one document', async () => {
  const folder = temporaryFolder();
  writeParquet(folder, ['One ', null, 'two ', null, 'three '.repeat(30)]);
  const keys = {
    source: { kind: 'files', files: ['a.parquet'] },
    format: { kind: 'parquet', documents: 'file' },
    splits: { by: 'position', validation: 0.1, test: 0.1 },
  };
  writeFileSync(join(folder, 'd.json'), JSON.stringify({ name: 'd', description: 'D', license: 'CC0-1.0', ...keys }));
  const dataset = await prepareSmall('d', folder);
  expect(await wholeTextOf(dataset)).toMatch(/^One two three .*three<\|endoftext\|>$/);
  expect(dataset.manifest.source.files[0]?.nullRows).toBe(2);
});

test.each<[string, (folder: string) => string, RegExp]>([
  ['nothing but null', (folder) => writeParquet(folder, [null, null]), /split holds no text/],
  ['lines of nothing but null', (folder) => writeLines(folder, [{ text: null }]), /split holds no text/],
  [
    'a line without the field',
    (folder) => writeLines(folder, [{ text: 'x' }, { story: 'y' }]),
    /a\.jsonl:2 has no field "text"/,
  ],
  [
    'a line whose field is inherited',
    (folder) => writeLines(folder, [{ constructor: 1 }]),
    /a\.jsonl:1 has no field "text"/,
  ],
])('but %s is refused', async (_, write, message) => {
  const folder = temporaryFolder();
  await expect(prepareSmall(write(folder), join(folder, 'datasets'))).rejects.toThrow(message);
});
