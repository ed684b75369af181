import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@dynact/files';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { SourceFile } from '../src/sources/documents.ts';
import { sourceFile } from '../src/sources/documents.ts';
import { globMatcher } from '../src/sources/glob.ts';
import { readerFor } from '../src/sources/readers.ts';

function fileOf(name: string, bytes: Uint8Array | string): SourceFile {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return sourceFile(name, path);
}

/** Reads a file to its end. @returns the characters of its texts */
async function read(file: SourceFile): Promise<number> {
  let length = 0;
  const definition = { splits: { by: 'position', validation: 0.1, test: 0.1 } } as Parameters<typeof readerFor>[0];
  for await (const { parts } of readerFor(definition, file)(file, () => {})) {
    for (const { text } of parts) length += text.length;
  }
  return length;
}

describe('a Parquet file with a wrong byte', () => {
  function parquet(): Buffer {
    const filename = join(temporaryFolder(), 'a.parquet');
    const data = Array.from({ length: 200 }, (_, i) => (i % 9 === 0 ? null : `Story ${i % 20}`));
    parquetWriteFile({
      filename,
      columnData: [{ name: 'text', data, type: 'STRING', nullable: true }],
      rowGroupSize: 50,
    });
    return readFileSync(filename);
  }

  test('is read or refused in one line, wherever it is in the footer or in a page', async () => {
    const original = parquet();
    const footer = original.length - 8 - original.readUInt32LE(original.length - 8);
    // Places spread over the footer, and the first bytes of pages, where lengths stand.
    const places: [place: number, value: number][] = [
      ...Array.from({ length: 20 }, (_, i) => footer + Math.floor((i * (original.length - footer)) / 20)),
      ...Array.from({ length: 6 }, (_, i) => 4 + i * 5),
      // Here the decoder fails where nobody waits for it.
      ...Array.from({ length: 7 }, (_, i) => footer + 50 + i),
    ].map((place) => [place, 0xff]);
    places.push(...places.slice(-7).map(([place]): [number, number] => [place, 1]));
    let refused = 0;
    for (const [place, value] of places) {
      const bytes = Buffer.from(original);
      bytes[place] = value;
      const error: unknown = await read(fileOf('a.parquet', bytes)).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) continue;
      refused++;
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).message).toMatch(/^\S+a\.parquet[^\n]+$/);
    }
    expect(refused).toBeGreaterThan(5);
  }, 300_000);
});

describe('a Zstandard file', () => {
  const frame = (windowByte: number, ...blocks: Buffer[]) =>
    Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, windowByte]), ...blocks]);
  /** A byte that stands for `size` of it. */
  const repeated = (size: number, isLast = false) => {
    const block = Buffer.alloc(4, 'a');
    block.writeUIntLE((size << 3) | 2 | Number(isLast), 0, 3);
    return block;
  };
  const window = (log: number) => (log - 10) << 3;
  /** A compressed block whose literals have Huffman weights by a finite state table, which begins with these bytes. */
  const weighted = (...table: number[]) => {
    const weights = Buffer.from([...table, 0xff, 0xff, 0xff, 1]);
    const sizes = 2 | (16 << 4) | ((weights.length + 1 + 4) << 14);
    const literals = Buffer.concat([Buffer.from([sizes, sizes >> 8, sizes >> 16, weights.length]), weights]);
    const block = Buffer.concat([Buffer.alloc(3), literals, Buffer.from([1, 2, 3, 1, 0])]);
    block.writeUIntLE(((block.length - 3) << 3) | 4 | 1, 0, 3);
    return block;
  };

  test('of a few kilobytes gives hundreds of megabytes in the memory of one block', async () => {
    const blocks = Array.from({ length: 3000 }, () => repeated(128 * 1024));
    const file = fileOf('a.txt.zst', frame(window(20), ...blocks, repeated(1, true)));
    expect(file.bytes).toBeLessThan(16 * 1024);
    const before = process.memoryUsage().rss;
    let peak = before;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 5);
    expect(await read(file)).toBe(3000 * 128 * 1024 + 1);
    clearInterval(timer);
    expect(peak - before).toBeLessThan(250e6);
  });

  test.each([
    [
      'a window of gigabytes',
      frame(window(31), repeated(1, true)),
      /its window has 2147483648 bytes, more than 134217728/,
    ],
    ['a window of terabytes', frame(0xff, repeated(1, true)), /its window has \d+ bytes/],
    [
      'blocks of one byte in a large window',
      frame(window(27), ...Array.from({ length: 200 }, () => repeated(1)), repeated(1, true)),
      /its blocks are too small for its window/,
    ],
    [
      'frames of one byte with large windows',
      Buffer.concat(Array.from({ length: 200 }, () => frame(window(27), repeated(1, true)))),
      /its blocks are too small for its window/,
    ],
    ['an end in a block', frame(window(20), repeated(5)).subarray(0, -1), /unexpected EOF/],
    ['an end in the header', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), /unexpected EOF/],
    [
      'an end in what is to be skipped',
      Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff, 1]),
      /unexpected EOF/,
    ],
    ['nothing', Buffer.alloc(0), /unexpected EOF/],
    [
      'something else behind a frame',
      Buffer.concat([frame(window(20), repeated(5, true)), Buffer.from('more')]),
      /invalid zstd data/,
    ],
    ['Huffman weights of a single symbol', frame(window(10), weighted(0xf0, 0x03)), /invalid zstd data/],
    [
      'a single symbol behind others that never occur',
      frame(window(10), weighted(0x10, 0xf8, 0x01)),
      /invalid zstd data/,
    ],
    ['a dictionary', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, window(20), 7, 3, 0, 0]), /it needs a dictionary/],
  ])('with %s is refused', async (_, bytes, message) => {
    const refused = read(fileOf('a.txt.zst', bytes));
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(/a\.txt\.zst is not a whole zstd file/);
  });

  test('may hold frames behind each other, and parts to be skipped', async () => {
    const skipped = Buffer.from([0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const whole = Buffer.concat([
      skipped,
      frame(window(20), repeated(5, true)),
      skipped,
      frame(window(20), repeated(7, true)),
    ]);
    expect(await read(fileOf('a.txt.zst', whole))).toBe(12);
  });
});

test.each([
  ['deep JSON', `${'['.repeat(15e6)}\n`, /a\.jsonl:1 is not JSON/],
  ['deep objects', `{"text":${'{"a":'.repeat(1e6)}1${'}'.repeat(1e6)}}\n`, /a\.jsonl:1 has no text in "text"/],
  [
    'many fields',
    `{${Array.from({ length: 100_000 }, (_, i) => `"f${i}":0`).join(',')}}\n`,
    /has no field "text": its fields are f0, (?:f\d+, )+f49$/,
  ],
])('a JSON line with %s is refused in one line', async (_, line, message) => {
  await expect(read(fileOf('a.jsonl', line))).rejects.toThrow(message);
});

test('wildcards that match in many ways take no longer than others', () => {
  const start = performance.now();
  for (const pattern of [
    '**a'.repeat(40),
    '*a*'.repeat(40),
    '**/'.repeat(40),
    '?*'.repeat(40),
    '*'.repeat(80),
    '**/*a'.repeat(20),
  ]) {
    expect(globMatcher(`${pattern}b`)('a/'.repeat(1000))).toBe(false);
  }
  expect(performance.now() - start).toBeLessThan(5_000);
});
