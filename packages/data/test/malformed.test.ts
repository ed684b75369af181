import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InputError } from '@dynact/files';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { createTokenizer, openDataset, type PrepareOptions, prepareDataset } from '../src/index.ts';
import { foldersOf, prepareSmall } from './support/prepare.ts';

const text = 'A text that is quite long enough to be split into three. '.repeat(50);
const lines = (values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const stories = Array.from({ length: 100 }, (_, i) => ({ text: `Story ${i}` }));
const zstandard = readFileSync(new URL('./fixtures/lines.txt.zst', import.meta.url));

/** The line that wrong input gives. Fails unless it is one InputError of one line that leaves no file behind. */
async function refusal(source: string, folder: string, options: Partial<PrepareOptions> = {}): Promise<string> {
  const before = filesOf(folder);
  const error: unknown = await prepareDataset({
    source,
    ...foldersOf(folder),
    encoding: 'r50k_base',
    vocabularySize: 512,
    ...options,
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  const { message, exitCode } = error as InputError;
  expect(exitCode).toBe(2);
  expect(message).not.toContain('\n');
  expect(filesOf(folder)).toEqual(before);
  return message;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

describe('a file that cannot be read as text', () => {
  const write = (name: string, bytes: string | Uint8Array) => {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, bytes);
    return path;
  };
  test.each<[string, string, string | Uint8Array, RegExp]>([
    [
      'invalid UTF-8',
      'a.txt',
      Buffer.concat([Buffer.from(text), Buffer.from([0xe9, 0x20]), Buffer.from(text)]),
      /a\.txt is not UTF-8 text \(after byte 0\): convert it, or say "encoding": "windows-1252"/,
    ],
    [
      'half a character at the end',
      'a.txt',
      Buffer.from(`${text}é`).subarray(0, -1),
      /is not UTF-8 text \(after byte 2851\)/,
    ],
    ['a binary file', 'a.txt', Buffer.concat([Buffer.from(text), Buffer.from([0, 1, 2])]), /is a binary file \(a NUL/],
    ['UTF-16', 'a.txt', Buffer.from(text, 'utf16le'), /is a binary file/],
    ['an empty file', 'a.txt', '', /a-[0-9a-f]{8}: the train split holds no text: use more text/],
    ['only white space', 'a.txt', ' \n\t\r\n\u00a0'.repeat(100_000), /the train split holds no text/],
    ['too little text for three splits', 'a.txt', 'hi', /split holds no text/],
    [
      'a truncated gzip',
      'a.txt.gz',
      gzipSync(text).subarray(0, -20),
      /is not a whole gzip file \(unexpected end of file\): fetch it again/,
    ],
    ['no gzip at all', 'a.txt.gz', text, /is not a whole gzip file \(incorrect header check\)/],
    ['a truncated Zstandard file', 'a.txt.zst', zstandard.subarray(0, -2000), /is not a whole zstd file/],
    ['no Zstandard at all', 'a.txt.zst', text, /is not a whole zstd file/],
    [
      'JSON lines with a bad line',
      'a.jsonl',
      `${lines(stories)}{"text": "x\n`,
      /a\.jsonl:101 is not JSON: correct the line or remove it/,
    ],
    [
      'JSON lines with a missing field',
      'a.jsonl',
      lines([...stories, { story: 'x', id: 1 }]),
      /a\.jsonl:101 has no field "text": its fields are story, id/,
    ],
    [
      'JSON lines with a number for a text',
      'a.jsonl',
      lines([...stories, { text: 5 }]),
      /a\.jsonl:101 has no text in "text"/,
    ],
    ['JSON lines of lists', 'a.jsonl', lines([['x']]), /a\.jsonl:1 is not a JSON object/],
    ['a text named as Parquet', 'a.parquet', text, /is not a whole Parquet file \(.*\): fetch it again/],
  ])('%s', async (_, name, bytes, message) => {
    expect(await refusal(write(name, bytes), temporaryFolder())).toMatch(message);
  });

  test('a line longer than memory should hold', async () => {
    const path = write('a.jsonl', Buffer.alloc(16 * 1024 * 1024 + 1, 'x'));
    expect(await refusal(path, temporaryFolder())).toMatch(/a\.jsonl:1 is longer than 16777216 characters/);
  });

  test('Parquet without the column, with a column of numbers, with an empty cell, cut off', async () => {
    const path = write('a.parquet', '');
    const columns = [
      { name: 'id', data: [1, 2], type: 'INT32' as const },
      { name: 'story', data: ['a', null], type: 'STRING' as const, nullable: true },
    ];
    parquetWriteFile({ filename: path, columnData: columns });
    expect(await refusal(path, temporaryFolder())).toMatch(/has no column "text": its columns are id, story/);
    const folder = temporaryFolder();
    const define = (column: string) => {
      const keys = {
        source: { kind: 'files', files: [path] },
        format: { kind: 'parquet', column },
        splits: byPosition,
      };
      writeFileSync(join(folder, 'p.json'), JSON.stringify({ ...named('p'), ...keys }));
    };
    define('id');
    expect(await refusal('p', folder)).toMatch(/row 0 of column "id" holds no text/);
    define('story');
    expect(await refusal('p', folder)).toMatch(/split holds no text/);
    truncateSync(path, readFileSync(path).length - 10);
    expect(await refusal('p', folder)).toMatch(/is not a whole Parquet file/);
  });
});

const named = (name: string) => ({ name, description: 'A test', license: 'CC0-1.0' });
const byPosition = { by: 'position', validation: 0.1, test: 0.1 };
const files = (...names: string[]) => ({ kind: 'files', files: names });

describe('a definition', () => {
  test.each<[string, object | string, RegExp]>([
    [
      'with an unknown key',
      { source: files('a.txt'), splits: byPosition, seperator: 'x' },
      /m\.json: Unrecognized key: "seperator"/,
    ],
    [
      'with an unknown key inside',
      { source: files('a.txt'), splits: { ...byPosition, tests: 1 } },
      /m\.json: splits: Unrecognized key: "tests"/,
    ],
    [
      'with a key of before',
      { source: files('a.txt'), splits: byPosition, normalisation: {} },
      /m\.json: "normalisation" is called "normalization" now: rename it/,
    ],
    ['that is not JSON', '{"name": ', /m\.json cannot be read: /],
    ['without a source', { splits: byPosition }, /m\.json: source: expected object/],
    [
      'with an unknown format',
      { source: files('a.txt'), splits: byPosition, format: { kind: 'xml' } },
      /m\.json: format\.kind: Invalid/,
    ],
    [
      'with a name that leaves the folder',
      { name: '../m', source: files('a.txt'), splits: byPosition },
      /m\.json: name: use up to 100 letters/,
    ],
    [
      'whose splits overlap by name',
      { source: files('*.txt'), splits: { by: 'name', validation: ['b'], test: ['c', 'b'] } },
      /m\.json: splits: the splits overlap: "b" stands twice/,
    ],
    [
      'whose splits overlap by file',
      { source: files('*.txt'), splits: { by: 'file', validation: ['b*'], test: ['*.txt'] } },
      /m: the splits overlap: b\.txt is both validation and test/,
    ],
    [
      'with a file of no split',
      { source: files('*.txt'), splits: { by: 'file', train: ['a.txt'], validation: ['b.txt'], test: ['c.txt'] } },
      /m: d\.txt belongs to no split/,
    ],
    [
      'with a name that no document has',
      { source: files('*.txt'), splits: { by: 'name', validation: ['b'], test: ['z'] } },
      /m: no document is named "z": correct "splits"/,
    ],
    [
      'whose share leaves a split empty',
      { source: files('a.txt'), splits: { by: 'hash', validation: 0.1, test: 0.1 } },
      /m: the (train|validation) split holds no text: use a larger share or more documents/,
    ],
    ['with a missing file', { source: files('e.txt'), splits: byPosition }, /e\.txt does not exist: check the path/],
    [
      'with a file listed twice',
      { source: files('a.txt', '*.txt'), splits: byPosition },
      /file a\.txt is listed twice/,
    ],
    ['with a wildcard that matches nothing', { source: files('*.md'), splits: byPosition }, /no file matches \*\.md/],
    [
      'with an environment variable that is not set',
      { source: files('$' + '{DYNACT_NO_SUCH}/a.txt'), splits: byPosition },
      /environment variable DYNACT_NO_SUCH is not set/,
    ],
    [
      'with a package that is not installed',
      { source: { kind: 'npm', package: '@dynact/none', files: ['a.txt'] }, splits: byPosition },
      /npm package @dynact\/none is not installed: run "npm install/,
    ],
  ])('%s', async (_, keys, message) => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(folder, `${name}.txt`), text);
    writeFileSync(join(folder, 'm.json'), typeof keys === 'string' ? keys : JSON.stringify({ ...named('m'), ...keys }));
    expect(await refusal('m', folder)).toMatch(message);
  });
});

describe('what is asked for', () => {
  test('an unknown dataset, by its nearest name', async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'some-books.json'),
      JSON.stringify({ ...named('some-books'), source: files('a'), splits: byPosition }),
    );
    expect(await refusal('some-boks', folder)).toMatch(
      /^some-boks does not exist, and no corpus of .* has that name\. Did you mean "some-books"\? Known: some-books/,
    );
  });

  test('an empty folder and one without text', async () => {
    const folder = temporaryFolder();
    expect(await refusal(folder, temporaryFolder())).toMatch(/holds no \.txt, \.md, \.jsonl or \.parquet files/);
    writeFileSync(join(folder, 'a.png'), text);
    expect(await refusal(folder, temporaryFolder())).toMatch(/holds no \.txt/);
  });

  test('a vocabulary, an encoding or a number of workers that there is not', async () => {
    const path = join(temporaryFolder(), 'a.txt');
    writeFileSync(path, text);
    expect(await refusal(path, temporaryFolder(), { vocabularySize: 200 })).toMatch(
      /vocabulary size 200 does not fit r50k_base/,
    );
    expect(await refusal(path, temporaryFolder(), { workers: 0 })).toMatch(/0 is not a number of workers/);
    const encoding = 'p50k_base' as 'r50k_base';
    await expect(createTokenizer({ encoding, vocabularySize: 300 })).rejects.toThrow(
      /unknown encoding "p50k_base": use one of/,
    );
  });
});

describe('the disk', () => {
  /** Runs in a process of its own, begun by a shell command that limits it. */
  function prepareApart(options: object, limit: string) {
    const root = new URL('../', import.meta.url);
    const script = `${limit} "${process.execPath}" --conditions=@dynact/source --import tsx test/support/prepare-child.ts '${JSON.stringify(options)}'`;
    return spawnSync('bash', ['-c', script], { cwd: root, encoding: 'utf8' });
  }
  /** Root may read and write everything, unless it gives up the capabilities that let it. */
  const asOthers =
    process.getuid?.() === 0
      ? 'setpriv --inh-caps=-dac_override,-dac_read_search --bounding-set=-dac_override,-dac_read_search --'
      : 'exec';
  const options = (source: string, folder: string) => ({
    source,
    ...foldersOf(folder),
    encoding: 'r50k_base',
    vocabularySize: 512,
  });

  test('that is full (a limit on file sizes) leaves nothing behind', () => {
    const folder = temporaryFolder();
    const source = join(folder, 'a.txt');
    writeFileSync(source, text.repeat(100));
    const datasets = join(folder, 'datasets');
    mkdirSync(datasets);
    const { stderr, status } = prepareApart(options(source, datasets), 'ulimit -f 20; exec');
    expect(stderr).toMatch(
      /^\S+r50k_base-512 cannot be written: the largest file size is reached; raise the limit \("ulimit -f"\) and try again\n$/,
    );
    expect(status).toBe(2);
    expect(filesOf(datasets)).toEqual([]);
  });

  test('that gives no permission to read or to write', () => {
    const folder = temporaryFolder();
    const source = join(folder, 'a.txt');
    writeFileSync(source, text);
    const datasets = join(folder, 'datasets');
    mkdirSync(datasets);
    chmodSync(datasets, 0o555);
    const unwritable = prepareApart(options(source, datasets), asOthers);
    expect(unwritable.stderr).toMatch(/^\S+ cannot be written: permission denied; .*\n$/);
    expect(unwritable.status).toBe(2);
    chmodSync(datasets, 0o777);
    chmodSync(source, 0o000);
    const unreadable = prepareApart(options(source, datasets), asOthers);
    expect(unreadable.stderr).toMatch(/^\S+a\.txt cannot be read \(EACCES\): check the path and its permissions\n$/);
    expect(unreadable.status).toBe(2);
    expect(filesOf(datasets)).toEqual([]);
  });

  test('where the datasets folder is a file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.txt'), text);
    const error = await prepareSmall(join(folder, 'a.txt'), join(folder, 'a.txt')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
  });
});

describe('a server', () => {
  async function serve(body: Buffer, status = 200, length = body.length): Promise<string> {
    const server = createServer((_, response) => {
      response.writeHead(status, { 'content-length': length });
      response.write(body);
      if (length > body.length) response.destroy();
      else response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/corpus.txt`;
  }
  async function refusalOf(url: string, sha256: string): Promise<string> {
    const folder = temporaryFolder();
    const keys = { source: { kind: 'http', files: [{ url, sha256 }] }, splits: byPosition };
    writeFileSync(join(folder, 'web.json'), JSON.stringify({ ...named('web'), ...keys }));
    return refusal('web', folder);
  }
  const zeros = '0'.repeat(64);

  test('that has no such file, another file, half a file, or is not there', async () => {
    expect(await refusalOf(await serve(Buffer.from('no'), 404), zeros)).toMatch(
      /corpus\.txt answered 404 Not Found: check the address/,
    );
    expect(await refusalOf(await serve(Buffer.from(text)), zeros)).toMatch(
      /corpus\.txt has sha256 [0-9a-f]{64}, not the definition's 0{64}/,
    );
    expect(await refusalOf(await serve(Buffer.from(text), 200, 9999), zeros)).toMatch(
      /corpus\.txt cannot be fetched: /,
    );
    expect(await refusalOf('http://127.0.0.1:9/corpus.txt', zeros)).toMatch(/corpus\.txt cannot be fetched: /);
  });
});

describe('a prepared dataset', () => {
  test('whose token file was cut off or changed, by hand or by another process, and whose manifest was', async () => {
    const folder = temporaryFolder();
    const source = join(folder, 'a.txt');
    writeFileSync(source, text);
    const { directory } = await prepareSmall(source, folder);
    const path = join(directory, 'validation.bin');
    const original = readFileSync(path);
    const attempts: [Buffer, RegExp][] = [
      [original.subarray(0, -2), /validation\.bin has \d+ bytes instead of \d+: prepare the dataset again/],
      [Buffer.concat([original, original]), /validation\.bin has \d+ bytes instead of \d+/],
      [
        Buffer.from(original.map((byte, index) => (index === 4 ? byte ^ 1 : byte))),
        /has changed since it was prepared/,
      ],
    ];
    for (const [bytes, message] of attempts) {
      writeFileSync(path, bytes);
      await expect(openDataset(directory)).rejects.toThrow(message);
      await expect(openDataset(directory)).rejects.toThrow(InputError);
    }
    execFileSync('rm', [path]);
    await expect(openDataset(directory)).rejects.toThrow(/validation\.bin cannot be read \(ENOENT\)/);
    cpSync(source, join(directory, 'manifest.json'));
    await expect(openDataset(directory)).rejects.toThrow(
      /manifest\.json is not valid JSON \(.*\); prepare the dataset again/,
    );
  });
});
