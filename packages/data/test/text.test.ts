import fc from 'fast-check';
import { encode as encodeR50k } from 'gpt-tokenizer/encoding/r50k_base';
import { describe, expect, test } from 'vitest';
import { createTokenizer, encodingNames } from '../src/index.ts';
import { splitLines } from '../src/text/lines.ts';
import { createNormalizer, type Normalization } from '../src/text/normalize.ts';
import { firstSegmentLength, segmentLength } from '../src/text/segments.ts';
import { splitAtSeparator } from '../src/text/separator.ts';

/** A text and the pieces that reading it in blocks would give. */
const textInPieces = (parts: fc.Arbitrary<string>) =>
  fc.tuple(fc.array(parts, { maxLength: 30 }), fc.array(fc.nat(60), { maxLength: 8 })).map(([words, cuts]) => {
    const text = words.join('');
    const borders = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
    return { text, pieces: borders.slice(1).map((border, index) => text.slice(borders[index], border)) };
  });

describe('normalizing', () => {
  const joined: Normalization = { newlines: 'lf', joinWrappedLines: true };
  const plain: Normalization = { newlines: 'lf', joinWrappedLines: false };
  const normal = (rule: Normalization, pieces: string[]) => {
    const normalizer = createNormalizer(rule);
    return pieces.map((piece) => normalizer.push(piece)).join('') + normalizer.end();
  };

  test('joins the lines of a paragraph and keeps paragraphs apart', () => {
    const text = '  Title\r\n\r\n\r\nIt was the best\r\n  of times,  \r\nit was\n\n \t\nthe worst\rof times\n\n';
    expect(normal(joined, [text])).toBe('Title\n\nIt was the best of times, it was\n\nthe worst of times');
    expect(normal(plain, [text])).toBe('Title\n\n\nIt was the best\n  of times,  \nit was\n\n \t\nthe worst\nof times');
    expect(normal({ newlines: 'keep', joinWrappedLines: false }, ['\na\r\nb\r\n'])).toBe('a\r\nb');
  });

  test('does not depend on how the text is cut into pieces', () => {
    const parts = fc.constantFrom('a', 'bc', ' ', '\n', '\r', '\r\n', '\n\n', '\t', 'é');
    fc.assert(
      fc.property(textInPieces(parts), fc.constantFrom(joined, plain), ({ text, pieces }, rule) => {
        expect(normal(rule, pieces)).toBe(normal(rule, [text]));
      }),
      { numRuns: 1000 },
    );
  });

  test('passes a line of any length on without holding it', () => {
    const normalizer = createNormalizer(joined);
    const word = `${'x'.repeat(99)} `;
    const block = word.repeat(1000);
    const parts = [block, block, block].map((text) => normalizer.push(text));
    expect(parts[0]!.length).toBeGreaterThan(90_000);
    expect(parts.join('') + normalizer.end()).toBe(block.repeat(3).trimEnd());
    for (let i = 0; i < 50; i++) expect(normalizer.push(' '.repeat(50_000))).toBe('');
    expect(normalizer.end()).toBe('');
  });
});

describe('separator lines', () => {
  const split = (pieces: string[]) => {
    const splitter = splitAtSeparator('<end>');
    const documents = [''];
    for (const strings of [...pieces.map((piece) => splitter.push(piece)), splitter.end()]) {
      documents[documents.length - 1] += strings[0] ?? '';
      documents.push(...strings.slice(1));
    }
    return documents;
  };

  test('part documents where they stand alone', () => {
    expect(split(['one\n<end>\ntwo <end>\n<end> three\r\n<end>\r\n<end>'])).toEqual([
      'one\n',
      'two <end>\n<end> three\r\n',
      '',
      '',
    ]);
  });

  test('are found wherever the text is cut into pieces', () => {
    const parts = fc.constantFrom('<end>', '<en', 'd>', '\n', '\r\n', 'a', ' ', '<end>\n');
    fc.assert(
      fc.property(textInPieces(parts), ({ text, pieces }) => {
        const documents = text.split(/(?<=^|\n)<end>(?:\r?\n|\r?$)/);
        expect(split(pieces)).toEqual(documents);
      }),
      { numRuns: 2000 },
    );
  });
});

test('lines are the same wherever the text is cut, and a line without end is refused by its number', () => {
  const tooLong = (line: number) => new Error(`line ${line}`);
  fc.assert(
    fc.property(textInPieces(fc.constantFrom('a', 'bb', '\n', '')), ({ text, pieces }) => {
      const splitter = splitLines(1000, tooLong);
      const lines = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
      expect(lines).toEqual(
        text
          .replace(/\n$/, '')
          .split('\n')
          .slice(0, text === '' ? 0 : undefined),
      );
    }),
  );
  const splitter = splitLines(10, tooLong);
  splitter.push('1\n2\n12345');
  expect(() => splitter.push('678901')).toThrow('line 3');
});

describe('segments', () => {
  const words = fc.constantFrom(
    'word',
    "it's",
    "It'S",
    'CamelCase',
    ' ',
    '  ',
    '\n',
    '\r\n',
    ' \n ',
    '12345',
    '…',
    '日本',
    'é',
    'e\u0301',
    '.',
    '?!',
    "'",
    '"',
    '\t',
    '/',
    '😀',
    '\u00a0',
    'ǅ',
    '፩',
    ' the',
  );

  test.each(encodingNames)('encode to the ids of the whole in %s', async (encoding) => {
    const tokenizer = await createTokenizer({ encoding, vocabularySize: 5000 });
    fc.assert(
      fc.property(fc.array(words, { minLength: 5, maxLength: 60 }), fc.nat(500), (parts, shift) => {
        // The interesting stretch lies around the place where the segment has to end.
        const text = `${' word'.repeat(segmentLength / 5).slice(shift)}${parts.join('')}${' tail'.repeat(200)}`;
        const cut = firstSegmentLength(text);
        expect(cut).toBeGreaterThan(segmentLength - 1024);
        expect(cut).toBeLessThanOrEqual(segmentLength);
        const together = [...tokenizer.encode(text.slice(0, cut)), ...tokenizer.encode(text.slice(cut))];
        expect(together).toEqual(tokenizer.encode(text));
      }),
      { numRuns: 60 },
    );
  });

  test('do not depend on how much of the text is there', () => {
    const text = `${'a b, c\n'.repeat(5000)}${'日本語。'.repeat(20_000)}`;
    const cut = firstSegmentLength(text);
    expect(firstSegmentLength(text.slice(0, segmentLength + 2))).toBe(cut);
    expect(firstSegmentLength(text.slice(0, segmentLength + 1))).toBe(0);
  });

  test('end between two characters where nothing better is to be found', () => {
    expect(firstSegmentLength('1'.repeat(40_000))).toBe(segmentLength);
    expect(firstSegmentLength(`1${'😀'.repeat(40_000)}`)).toBe(segmentLength - 1);
  });
});

test('plain words that never meet the pattern are cut as the pattern cuts them', async () => {
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize: 50_257 });
  const parts = fc.constantFrom(
    'the',
    ' The',
    'THE',
    "'",
    "'s",
    "'ll",
    ',',
    '.',
    ' ,',
    ' .',
    '!',
    ' ',
    '  ',
    'é',
    'a',
    ' a',
    'A',
    '1',
    '\n',
    '?',
    ' I',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 40 }), (words) => {
      expect(tokenizer.encode(words.join(''))).toEqual(encodeR50k(words.join('')));
    }),
    { numRuns: 3000 },
  );
});
