import { InputError } from '@dynact/files';
import fc from 'fast-check';
import { encode as encodeCl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { encode as encodeO200k } from 'gpt-tokenizer/encoding/o200k_base';
import { encode as encodeR50k } from 'gpt-tokenizer/encoding/r50k_base';
import { describe, expect, test } from 'vitest';
import { createTokenizer, type EncodingName } from '../src/index.ts';
import { mergeBytePairs } from '../src/tokenizer/byte-pair-merge.ts';

const fullSizes: Record<EncodingName, number> = { r50k_base: 50_257, cl100k_base: 100_258, o200k_base: 200_000 };
const references: Record<EncodingName, (text: string) => number[]> = {
  r50k_base: (text) => encodeR50k(text, { disallowedSpecial: new Set() }),
  cl100k_base: (text) => encodeCl100k(text, { disallowedSpecial: new Set() }),
  o200k_base: (text) => encodeO200k(text, { disallowedSpecial: new Set() }),
};

/** Texts of every kind of character, lone surrogates too, and stretches of English that merges work on. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '<|endoftext|>',
        " it's we'LL",
        '\r\n\r\n',
        '   ',
        '\ufeff',
        ' the',
        ' straw',
        'ing',
        '1234567',
        '日本語',
        '\ud83d',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** gpt-tokenizer 4.0 drops a byte order mark in o200k_base (its decoder swallows it), so it is no reference for one. */
const textsWithoutMark = texts.map((text) => text.replaceAll('\ufeff', ''));

/** What a text becomes when it is written as UTF-8: a surrogate without its partner becomes U+FFFD. */
const wellFormed = (text: string) => Buffer.from(text, 'utf8').toString('utf8');

describe.each(Object.entries(fullSizes) as [EncodingName, number][])('%s', (encoding, fullSize) => {
  test.each([257, 1000, 8192, fullSize])(
    'at %i ids every text comes back, and every id is one',
    async (vocabularySize) => {
      const tokenizer = await createTokenizer({ encoding, vocabularySize });
      fc.assert(
        fc.property(texts, (text) => {
          const ids = tokenizer.encode(text);
          expect(tokenizer.decode(ids)).toBe(wellFormed(text));
          for (const id of ids) {
            expect(id).toBeGreaterThanOrEqual(0);
            expect(id).toBeLessThan(vocabularySize);
            expect(id).not.toBe(tokenizer.endOfText);
          }
          const bytes = ids.reduce((sum, id) => sum + tokenizer.byteLength(id), 0);
          expect(bytes).toBe(Buffer.byteLength(text, 'utf8'));
        }),
        { numRuns: 500, examples: [['\ufeff\u1784']] },
      );
    },
  );

  test("at full size the ids are gpt-tokenizer's", async () => {
    const tokenizer = await createTokenizer({ encoding, vocabularySize: fullSize });
    fc.assert(
      fc.property(textsWithoutMark, (text) => {
        expect(tokenizer.encode(text)).toEqual(references[encoding](text));
      }),
      { numRuns: 1000 },
    );
    expect(tokenizer.endOfText).toBe(fullSize - 1);
    expect(tokenizer.decode([tokenizer.endOfText])).toBe('<|endoftext|>');
    expect(tokenizer.byteLength(tokenizer.endOfText)).toBe(0);
  });

  test('a cut vocabulary keeps the first merges', async () => {
    const tokenizer = await createTokenizer({ encoding, vocabularySize: 1000 });
    expect(tokenizer.endOfText).toBe(999);
    const words = references[encoding](' the of and in that it was');
    expect(words.every((id) => id < 999)).toBe(true);
    expect(tokenizer.encode(' the of and in that it was')).toEqual(words);
    expect(tokenizer.encode(' extraordinary').length).toBeGreaterThan(references[encoding](' extraordinary').length);
  });
});

test('special tokens in a text are ordinary text', async () => {
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize: 50_257 });
  const ids = tokenizer.encode('a<|endoftext|>b');
  expect(ids).not.toContain(tokenizer.endOfText);
  expect(tokenizer.decode(ids)).toBe('a<|endoftext|>b');
});

test('a byte order mark and a split character survive decoding', async () => {
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize: 257 });
  const ids = tokenizer.encode('\ufeffé');
  expect(ids).toHaveLength(5);
  expect(tokenizer.decode(ids)).toBe('\ufeffé');
  expect(tokenizer.decode(ids.slice(0, 4))).toBe('\ufeff\ufffd');
  expect(Buffer.concat(ids.map((id) => tokenizer.tokenBytes(id))).toString()).toBe('\ufeffé');
});

test('the two ways of merging agree, and a piece of a million letters is no trouble', async () => {
  // Every run of up to four letters is a token: many equal ranks' worth of ties and long chains of merges.
  const idOfBytes = new Map<string, number>();
  const letters = ['a', 'b', 'c'];
  for (const token of letters) idOfBytes.set(token, idOfBytes.size);
  for (const token of ['ab', 'ba', 'aa', 'abc', 'aab', 'cc', 'aaaa', 'bcc', 'ca', 'cab', 'abcab', 'ccc', 'aaab']) {
    idOfBytes.set(token, idOfBytes.size);
  }
  const piece = fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 128 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(piece, (text) => {
      const byScan = mergeBytePairs(text, { idOfBytes });
      // 'z' is no token and merges with nothing, so what stands before it is merged as it is alone, by the heap.
      const withFilling = mergeBytePairs(`${text}${'z'.repeat(129)}`, { idOfBytes: new Map(idOfBytes).set('z', 99) });
      expect(withFilling.slice(0, -129)).toEqual(byScan);
    }),
    { numRuns: 500 },
  );
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize: 50_257 });
  const long = 'ab'.repeat(500_000);
  expect(tokenizer.decode(tokenizer.encode(long))).toBe(long);
});

test.each([256, 200, 50_258, 1000.5, Number.NaN])('a vocabulary of %d ids is refused', async (vocabularySize) => {
  await expect(createTokenizer({ encoding: 'r50k_base', vocabularySize })).rejects.toThrow(InputError);
});

test('a number that is no id is refused', async () => {
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize: 300 });
  expect(() => tokenizer.decode([300])).toThrow('300 is not a token id');
});

test('more pieces than are remembered are still encoded right', async () => {
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize: 50_257 });
  const word = (number: number) => number.toString(36).replace(/\d/g, (digit) => 'qxzjkvwyhf'[Number(digit)]!);
  const text = Array.from({ length: 130_000 }, (_, i) => word(1_000_000 + 7 * i)).join(' ');
  expect(tokenizer.encode(text)).toEqual(encodeR50k(text));
  expect(tokenizer.encode(text.slice(0, 10_000))).toEqual(encodeR50k(text.slice(0, 10_000)));
});
