import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { datasetDefinitionJsonSchema, inspectDataset, listDatasets, openDataset } from '../src/index.ts';
import { globMatcher } from '../src/sources/glob.ts';
import { documentsOf, foldersOf, prepareSmall, textOf } from './support/prepare.ts';

const stories = Array.from({ length: 200 }, (_, i) => `Story ${i} tells of ${i * i} things.\nIt ends.`);

/** A definition around some keys. */
function define(folder: string, name: string, keys: object): void {
  const definition = { name, description: 'A test', license: 'CC0-1.0', ...keys };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(definition));
}

const byHash = { by: 'hash', validation: 0.2, test: 0.2 };

describe('the same documents come out of', () => {
  const jsonLines = stories.map((text) => `${JSON.stringify({ id: 1, story: text })}\n`).join('\n');
  const separated = `${stories.join('\r\n<|endoftext|>\r\n')}\n<|endoftext|>\n`;
  const format = { kind: 'jsonl', field: 'story' };
  test.each([
    ['separated text', 'a.txt', Buffer.from(separated), { kind: 'text', separator: '<|endoftext|>' }],
    ['gzip', 'a.txt.gz', gzipSync(separated), { kind: 'text', separator: '<|endoftext|>' }],
    ['JSON lines', 'a.jsonl', Buffer.from(jsonLines), format],
    [
      'two gzip members of JSON lines',
      'a.jsonl.gz',
      Buffer.concat([gzipSync(jsonLines.slice(0, 999)), gzipSync(jsonLines.slice(999))]),
      format,
    ],
  ])('%s', async (_, name, bytes, how) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, name), bytes);
    define(folder, 'stories', { source: { kind: 'files', files: [name] }, format: how, splits: byHash });
    const dataset = await prepareSmall('stories', folder);
    await expectStories(dataset);
  });

  test.each([
    ['UNCOMPRESSED', undefined],
    ['SNAPPY', 3],
  ] as const)('Parquet, %s', async (codec, rowGroupSize) => {
    const folder = temporaryFolder();
    parquetWriteFile({
      filename: join(folder, 'a.parquet'),
      columnData: [
        { name: 'id', data: stories.map((_, i) => i), type: 'INT32' },
        { name: 'story', data: stories, type: 'STRING' },
      ],
      codec,
      ...(rowGroupSize === undefined ? {} : { rowGroupSize }),
    });
    const source = { kind: 'files', files: ['*.parquet'] };
    define(folder, 'stories', { source, format: { kind: 'parquet', column: 'story' }, splits: byHash });
    await expectStories(await prepareSmall('stories', folder));
  });

  async function expectStories(dataset: Awaited<ReturnType<typeof prepareSmall>>): Promise<void> {
    const splits = await Promise.all(
      (['train', 'validation', 'test'] as const).map((split) => documentsOf(dataset, split)),
    );
    // The first 48 bits of the sha256 as a fraction: below 0.2 test, below 0.4 validation.
    const fraction = (text: string) =>
      Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 12), 16);
    const within = (low: number, high: number) =>
      stories.filter((text) => fraction(text) >= low * 2 ** 48 && fraction(text) < high * 2 ** 48);
    expect(splits).toEqual([within(0.4, 1), within(0.2, 0.4), within(0, 0.2)]);
  }
});

test('Zstandard', async () => {
  const folder = temporaryFolder();
  cpSync(new URL('./fixtures/lines.txt.zst', import.meta.url), join(folder, 'lines.txt.zst'));
  const dataset = await prepareSmall(join(folder, 'lines.txt.zst'), folder);
  const whole = (
    await Promise.all((['train', 'validation', 'test'] as const).map((split) => textOf(dataset, split)))
  ).join('');
  const lines = Array.from({ length: 20_000 }, (_, i) => `Line ${i + 1} of the compressed text.`);
  expect(whole).toBe(`${lines.join('\n')}<|endoftext|>`);
});

test('rows of a Parquet file can be one document', async () => {
  const folder = temporaryFolder();
  for (const split of ['train', 'valid', 'test']) {
    parquetWriteFile({
      filename: join(folder, `${split}.parquet`),
      columnData: [{ name: 'text', data: ['', ' = Title = \n', `Of ${split}. \n`, ''], type: 'STRING' }],
    });
  }
  define(folder, 'rows', {
    source: { kind: 'files', files: ['*.parquet'] },
    format: { kind: 'parquet', documents: 'file' },
    splits: { by: 'file', validation: ['valid.*'], test: ['test.*'] },
  });
  const dataset = await prepareSmall('rows', folder);
  expect(await textOf(dataset, 'train')).toBe('= Title = \nOf train.<|endoftext|>');
  expect(await textOf(dataset, 'validation')).toBe('= Title = \nOf valid.<|endoftext|>');
});

describe('without a definition', () => {
  test('a file gives its last twentieths to validation and test, and its name is enough afterwards', async () => {
    const folder = temporaryFolder();
    const text = Array.from({ length: 1000 }, (_, i) => `Sentence ${i}.`).join(' ');
    writeFileSync(join(folder, 'My notes.txt'), text);
    const datasets = join(folder, 'datasets');
    const dataset = await prepareSmall(join(folder, 'My notes.txt'), datasets);
    expect(dataset.directory).toMatch(/datasets\/My-notes-[0-9a-f]{8}\/r50k_base-512$/);
    const { train, validation, test: last } = dataset.splits;
    const total = train.length + validation.length + last.length;
    expect([validation.length, last.length]).toEqual([Math.round(total / 20), Math.round(total / 20)]);
    const all = await Promise.all((['train', 'validation', 'test'] as const).map((split) => textOf(dataset, split)));
    expect(all.join('')).toBe(`${text}<|endoftext|>`);
    const larger = await prepareSmall('My-notes', datasets, { vocabularySize: 600 });
    expect(larger.manifest.splits.train.bytes).toBeGreaterThan(0);
    expect(listDatasets(foldersOf(datasets))).toMatchObject([
      { name: dataset.manifest.name, license: 'not stated', prepared: ['r50k_base-512', 'r50k_base-600'] },
    ]);
  });

  test('a folder is read by its files’ endings, by name, hidden and unknown ones passed over', async () => {
    const folder = join(temporaryFolder(), 'mixed');
    mkdirSync(join(folder, 'b'), { recursive: true });
    writeFileSync(join(folder, 'c.txt'), 'Third, of the three files here.');
    writeFileSync(join(folder, 'b', 'x.jsonl'), `{"text":"Second, ${'and long '.repeat(100)}"}\n`);
    writeFileSync(join(folder, 'a.md'), 'First, at the beginning.');
    writeFileSync(join(folder, 'image.png'), Buffer.from([0, 1, 2]));
    writeFileSync(join(folder, '.hidden.txt'), 'never');
    const dataset = await prepareSmall(folder, join(folder, '..', 'datasets'));
    const all = await Promise.all((['train', 'validation', 'test'] as const).map((split) => textOf(dataset, split)));
    expect(all.join('')).toMatch(/^First[^<]*<\|endoftext\|>Second[^<]*<\|endoftext\|>Third[^<]*<\|endoftext\|>$/);
  });

  test('files named after the splits make them', async () => {
    const folder = join(temporaryFolder(), 'named');
    mkdirSync(folder);
    for (const name of ['train-1', 'train-2', 'valid', 'test'])
      writeFileSync(join(folder, `${name}.txt`), `Text of ${name}`);
    const dataset = await prepareSmall(folder, join(folder, '..', 'datasets'));
    expect(await documentsOf(dataset, 'train')).toEqual(['Text of train-1', 'Text of train-2']);
    expect(await documentsOf(dataset, 'validation')).toEqual(['Text of valid']);
    expect(await documentsOf(dataset, 'test')).toEqual(['Text of test']);
  });
});

test('equal documents come into the same split, and half of the validation files test where no file does', async () => {
  const folder = temporaryFolder();
  const text = (items: string[]) => items.map((item) => `${JSON.stringify({ text: item })}\n`).join('');
  writeFileSync(join(folder, 'train.jsonl'), text(stories.slice(0, 100)));
  writeFileSync(join(folder, 'valid.jsonl'), text([...stories.slice(100), ...stories.slice(100)]));
  define(folder, 'halves', {
    source: { kind: 'files', files: ['*.jsonl'] },
    splits: { by: 'file', validation: ['valid.jsonl'] },
  });
  const dataset = await prepareSmall('halves', folder);
  const validation = await documentsOf(dataset, 'validation');
  const held = await documentsOf(dataset, 'test');
  expect(await documentsOf(dataset, 'train')).toEqual(stories.slice(0, 100));
  expect(validation.length + held.length).toBe(200);
  expect(new Set(validation).size * 2).toBe(validation.length);
  expect(validation.filter((item) => held.includes(item))).toEqual([]);
  expect(Math.abs(validation.length - held.length)).toBeLessThan(60);
});

test('a changed file is prepared again, a touched one is not; files out of reach leave what was prepared', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'notes.txt');
  const datasets = join(folder, 'datasets');
  writeFileSync(file, 'one two three '.repeat(100));
  const first = await prepareSmall(file, datasets);
  writeFileSync(file, 'one two three '.repeat(100));
  const marker = join(first.directory, 'marker');
  writeFileSync(marker, '');
  await prepareSmall(file, datasets);
  expect(existsSync(marker)).toBe(true);
  writeFileSync(file, 'one two tiger '.repeat(100));
  const second = await prepareSmall(file, datasets);
  expect(await textOf(second, 'train')).toContain('tiger');
  expect(existsSync(marker)).toBe(false);
  rmSync(file);
  const third = await prepareSmall('notes', datasets);
  expect(third.manifest).toEqual(second.manifest);
});

test('inspecting says what a person wants to know', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'abc.txt'), 'aab '.repeat(1000));
  const dataset = await prepareSmall(join(folder, 'abc.txt'), folder, { vocabularySize: 257 });
  const inspection = await inspectDataset(dataset);
  expect(inspection).toMatchObject({
    name: expect.stringMatching(/^abc-[0-9a-f]{8}$/),
    vocabularySize: 257,
    source: { files: 1, bytes: 4000 },
    splits: { train: { tokens: 3600, bytes: 3600, bytesPerToken: 1, distinctIds: 3 } },
    unusedIds: 257 - 4,
    sample: 'aab '.repeat(32),
  });
  expect(inspection.mostFrequent.slice(0, 2)).toEqual([
    { id: 64, text: 'a', count: 1800, share: 0.5 },
    { id: 65, text: 'b', count: 900, share: 0.25 },
  ]);
  const [a, b] = [1801 / (3600 + 257), 901 / (3600 + 257)];
  expect(inspection.unigramPerplexity.validation).toBeCloseTo(Math.exp(-(2 * Math.log(a) + 2 * Math.log(b)) / 4), 9);
  expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection);
});

test('every definition of the project is valid', async () => {
  const names = listDatasets(foldersOf(fileURLToPath(new URL('../../../datasets/', import.meta.url)))).map(
    ({ name }) => name,
  );
  expect(names).toEqual(
    expect.arrayContaining(['alice-smoke', 'gutenberg-books', 'state-of-the-union', 'tinystories', 'wikitext-2']),
  );
});

test('an editor gets a JSON schema of definitions, and naming it changes nothing', async () => {
  const schema = datasetDefinitionJsonSchema();
  expect(schema).toMatchObject({
    required: ['name', 'description', 'license', 'source', 'splits'],
    additionalProperties: false,
    properties: { normalization: { properties: { newlines: { enum: ['lf', 'keep'], default: 'lf' } } } },
  });
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'definition.schema.json'), JSON.stringify(schema));
  writeFileSync(join(folder, 'a.txt'), 'one two three '.repeat(100));
  const keys = { source: { kind: 'files', files: ['a.txt'] }, splits: { by: 'position', validation: 0.1, test: 0.1 } };
  define(folder, 'notes', keys);
  const { directory } = await prepareSmall('notes', folder);
  writeFileSync(join(directory, 'marker'), '');
  define(folder, 'notes', { $schema: './definition.schema.json', ...keys });
  await prepareSmall('notes', folder);
  expect(existsSync(join(directory, 'marker'))).toBe(true);
  expect(listDatasets(foldersOf(folder))).toMatchObject([{ name: 'notes', prepared: ['r50k_base-512'] }]);
});

test('the first folder that defines a name counts, and a form of an older format is not listed', async () => {
  const [own, shipped] = [temporaryFolder(), temporaryFolder()];
  const splits = { by: 'position', validation: 0.1, test: 0.1 };
  for (const folder of [own, shipped]) {
    writeFileSync(join(folder, 'a.txt'), `${folder} `.repeat(100));
    define(folder, 'notes', { source: { kind: 'files', files: ['a.txt'] }, splits });
  }
  define(shipped, 'more', { source: { kind: 'files', files: ['a.txt'] }, splits });
  const definitions = [own, shipped];
  const dataset = await prepareSmall('notes', own, { definitions });
  expect(await textOf(dataset, 'train')).toContain(own);
  mkdirSync(join(own, 'old', 'r50k_base-512'), { recursive: true });
  writeFileSync(join(own, 'old', 'r50k_base-512', 'manifest.json'), '{"format":1,"licence":"CC0-1.0"}');
  expect(listDatasets({ definitions, datasets: own }).map(({ name, prepared }) => [name, prepared])).toEqual([
    ['more', []],
    ['notes', ['r50k_base-512']],
  ]);
});

test('wildcards', () => {
  const matches = (pattern: string, path: string) => globMatcher(pattern)(path);
  expect(matches('data/*.txt', 'data/a.txt')).toBe(true);
  expect(matches('data/*.txt', 'data/b/a.txt')).toBe(false);
  expect(matches('**/a?.txt', 'ab.txt')).toBe(true);
  expect(matches('**/a?.txt', 'x/y/ab.txt')).toBe(true);
  expect(matches('a+(b).txt', 'a+(b).txt')).toBe(true);
  expect(matches('a.txt', 'abtxt')).toBe(false);
});

test('a dataset that was copied opens, and one whose counts are gone says so when they are needed', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'abc.txt'), 'aab '.repeat(1000));
  const { directory } = await prepareSmall(join(folder, 'abc.txt'), folder);
  const copy = join(folder, 'copy');
  cpSync(directory, copy, { recursive: true });
  const dataset = await openDataset(copy);
  expect(dataset.unigramPerplexity('test')).toBeGreaterThan(1);
  dataset.close();
  writeFileSync(join(copy, 'token-counts.json'), '{}');
  const damaged = await openDataset(copy);
  expect(() => damaged.unigramPerplexity('test')).toThrow(
    /token-counts\.json: train: expected array.*; prepare the dataset again/,
  );
  damaged.close();
});
