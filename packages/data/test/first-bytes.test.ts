import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InputError } from '@dynact/files';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { prepareSmall } from './support/prepare.ts';

const text = 'A text that is quite long enough to be split into three. '.repeat(50);
const start = (bytes: number[]) => Buffer.from([...bytes, ...Buffer.from(text)]);

// A PDF and an archive that hold ASCII alone would pass as text.
test.each<[string, string, Uint8Array, RegExp]>([
  ['a PDF', 'letter.txt', Buffer.from(`%PDF-1.4\n${text}`), /letter\.txt is a PDF, not text: save it as text first/],
  ['a PNG', 'a.txt', start([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), /a\.txt is a PNG picture, not text/],
  ['a JPEG', 'a.md', start([0xff, 0xd8, 0xff, 0xe0]), /a\.md is a JPEG picture, not text/],
  ['a Word file', 'thesis.docx', start([0x50, 0x4b, 3, 4]), /is a ZIP archive \(Word, .*, not text: unpack it/],
  ['a gzip archive', 'a.txt', gzipSync(text), /is a gzip archive, not text: unpack it.* or name it \.txt\.gz/],
  ['a gzip archive in one', 'a.txt.gz', gzipSync(gzipSync(text)), /a\.txt\.gz is a gzip archive, not text/],
  ['JSON lines that are none', 'a.jsonl', Buffer.from(`%PDF-1.4\n${text}`), /a\.jsonl is a PDF, not text/],
])('%s given as text is refused by its first bytes', async (_, name, bytes, message) => {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  const datasets = temporaryFolder();
  const error: unknown = await prepareSmall(path, datasets).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).toMatch(message);
  expect((error as InputError).message).not.toContain('\n');
  expect(readdirSync(datasets)).toEqual([]);
});

test('a text that speaks of them is a text', async () => {
  const path = join(temporaryFolder(), 'a.txt');
  writeFileSync(path, `PDF files begin with %PDF-, archives with PK.\n\n${text}`);
  expect((await prepareSmall(path, temporaryFolder())).manifest.splits.train.tokens).toBeGreaterThan(100);
});
