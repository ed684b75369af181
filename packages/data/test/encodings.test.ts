import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { prepareSmall, textOf, wholeTextOf } from './support/prepare.ts';

/** The text that comes out of a file of some bytes, read by an encoding (or by none that is said). */
async function read(bytes: Uint8Array, encoding?: string, name = 'a.txt'): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), bytes);
  const keys = {
    name: 'd',
    description: 'A test',
    license: 'CC0-1.0',
    source: { kind: 'files', files: [name] },
    ...(name.endsWith('.jsonl') ? {} : { format: { kind: 'text', ...(encoding === undefined ? {} : { encoding }) } }),
    splits: { by: 'position', validation: 0.1, test: 0.1 },
  };
  writeFileSync(join(folder, 'd.json'), JSON.stringify(keys));
  const dataset = await prepareSmall('d', folder);
  return (await wholeTextOf(dataset)).replace(/<\|endoftext\|>$/, '');
}

const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const filling = ' and some more to be split into three'.repeat(3);
const withFilling = (start: Uint8Array) => Buffer.concat([start, Buffer.from(filling, 'latin1')]);

describe('bytes become the characters of their encoding:', () => {
  // Bytes and characters as the tables of encoding.spec.whatwg.org have them.
  test.each<[string, string, string]>([
    ['windows-1252', '93 71 94 96 80 85 8c 9f e9', '“q”–€…ŒŸé'],
    ['utf-8-or-windows-1252', '91 92 97 99', '‘’—™'],
    ['latin1', '93 94 80', '“”€'],
    ['iso-8859-1', '84 95', '„•'],
    ['latin-1', 'e9 e8 fc df', 'éèüß'],
    ['iso-8859-15', 'a4 bc bd', '€Œœ'],
    ['iso-8859-2', 'b1 e6 b3', 'ąćł'],
    ['windows-1250', '9c 9f 8c', 'śźŚ'],
    ['windows-1251', 'cf f0 e8 e2 e5 f2', 'Привет'],
    ['koi8-r', 'f0 d2 c9 d7 c5 d4', 'Привет'],
    ['ibm866', '8f e0 a8', 'При'],
    ['macintosh', '8e 8f d2 d3', 'éè“”'],
    ['shift_jis', '93 fa 96 7b', '日本'],
    ['euc-jp', 'c6 fc cb dc', '日本'],
    ['gb18030', 'd6 d0 b9 fa', '中国'],
    ['big5', 'a4 a4', '中'],
    ['euc-kr', 'c7 d1 b1 b9', '한국'],
  ])('%s', async (encoding, bytes, text) => {
    expect(await read(withFilling(hex(bytes)), encoding)).toBe(text + filling);
  });

  test.each([
    ['utf-8', 'ef bb bf', 'utf8'],
    ['UTF-16, little end first', 'ff fe', 'utf16le'],
    ['UTF-16, big end first', 'fe ff', 'utf16be'],
  ])('a mark of %s decides, whatever is said', async (_, mark, kind) => {
    const text = `Žluťoučký kůň, “日本”, 😀.${filling}`;
    const body = kind === 'utf16be' ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, kind as 'utf8');
    const bytes = Buffer.concat([hex(mark), body]);
    expect(await read(bytes)).toBe(text);
    expect(await read(bytes, 'windows-1252')).toBe(text);
    expect(await read(bytes, 'utf-8-or-latin-1')).toBe(text);
    expect(await read(gzipSync(bytes), 'utf-8', 'a.txt.gz')).toBe(text);
    // A mark that arrives in two pieces: two members of a gzip file.
    expect(
      await read(Buffer.concat([gzipSync(bytes.subarray(0, 1)), gzipSync(bytes.subarray(1))]), 'utf-8', 'a.txt.gz'),
    ).toBe(text);
    const line = JSON.stringify({ text });
    const lines = kind === 'utf16be' ? Buffer.from(line, 'utf16le').swap16() : Buffer.from(line, kind as 'utf8');
    expect(await read(Buffer.concat([hex(mark), lines]), undefined, 'a.jsonl')).toBe(text);
  });

  test('UTF-16 without a mark, where it is said', async () => {
    expect(await read(Buffer.from(filling, 'utf16le'), 'utf-16le')).toBe(filling.trim());
  });

  test('characters that are cut by a block of the file', async () => {
    const text = '日本語'.repeat(40_000);
    const bytes = Buffer.from(text, 'utf16le');
    expect(await read(Buffer.concat([hex('ff fe'), bytes]))).toBe(text);
  });
});

describe('control characters that no text of the encoding has are refused, with the encoding that has text there:', () => {
  test.each([
    [
      'latin-1',
      '93 71 94',
      /a\.txt is no text of latin-1: U\+0093 after byte 0: say "encoding": "windows-1252" instead/,
    ],
    ['utf-8-or-latin-1', '80 e9', /no text of latin-1: U\+0080 .*"windows-1252"/],
    ['iso-8859-2', '8a 9c', /no text of iso-8859-2: U\+008A .*"windows-1250"/],
    ['iso-8859-5', '93 cf', /"windows-1251"/],
    ['iso-8859-7', '93 e1', /"windows-1253"/],
    ['iso-8859-15', '85 e9', /"windows-1252"/],
    ['windows-1252', '81 e9', /no text of windows-1252: U\+0081 .*correct "encoding" in its definition/],
  ])('%s', async (encoding, bytes, message) => {
    await expect(read(withFilling(hex(bytes)), encoding)).rejects.toThrow(message);
  });

  test('an encoding that there is not, bytes that an encoding has not, and half a character', async () => {
    await expect(read(hex('41'), 'utf-9')).rejects.toThrow(/format\.encoding: use a label such as utf-8/);
    await expect(read(withFilling(hex('81 20')), 'shift_jis')).rejects.toThrow(
      /is not SHIFT_JIS text .*correct "encoding"/,
    );
    await expect(read(hex('ff fe 41 00 42'))).rejects.toThrow(/is not UTF-16LE text/);
    await expect(read(withFilling(hex('e9 20')))).rejects.toThrow(
      /is not UTF-8 text .* say "encoding": "windows-1252"/,
    );
  });
});

test.each([
  ['UTF-8', 'a.txt', 'utf8'],
  ['UTF-16', 'a.txt', 'utf16le'],
  ['JSON lines, escaped', 'a.jsonl', 'utf8'],
] as const)('characters of a wrong encoding that the text itself has are counted: %s', async (_, name, kind) => {
  const folder = temporaryFolder();
  // “q” – … as latin-1 reads windows-1252, and the line end of Unicode, which is text.
  const text = `\u0093q\u0094 \u0096 \u0085 é${filling}`;
  const escaped = JSON.stringify({ text }).replace(/[\u0080-\u009f]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
  writeFileSync(join(folder, name), `\ufeff${name === 'a.txt' ? text : escaped}`, kind);
  const { manifest } = await prepareSmall(join(folder, name), folder);
  expect(manifest.source.files[0]?.controlCharacters).toBe(3);
});

test('a definition may have a byte order mark', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.txt'), filling.repeat(10));
  const json = JSON.stringify({
    name: 'd',
    description: 'With a mark: é',
    license: 'CC0-1.0',
    source: { kind: 'files', files: ['a.txt'] },
    splits: { by: 'position', validation: 0.1, test: 0.1 },
  });
  for (const bytes of [Buffer.from(`\ufeff${json}`), Buffer.from(`\ufeff${json}`, 'utf16le')]) {
    writeFileSync(join(folder, 'd.json'), bytes);
    expect(await textOf(await prepareSmall('d', folder), 'train')).toContain('some more');
  }
});
