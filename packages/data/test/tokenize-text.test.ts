import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { prepareDataset } from '../src/index.ts';
import { createTokenizer, tokenCounts, tokenizeText, unigramPerplexity } from '../src/tokens.ts';

const text = `\uFEFF \r\n${'It’s a — “text”\r\nof two lines; ünïcode 🐈‍⬛ and\ttabs.\r'.repeat(60)}\n\n`;

describe('a text in memory', () => {
  test.each([300, 70_000])(
    'has the ids of a text file in the splits of one, at a vocabulary of %d',
    async (vocabularySize) => {
      const folder = temporaryFolder();
      const encoding = vocabularySize > 50_000 ? 'cl100k_base' : 'r50k_base';
      const source = join(folder, 'corpus.txt');
      writeFileSync(source, text);
      const datasets = join(folder, 'datasets');
      const prepared = await prepareDataset({ source, definitions: [datasets], datasets, encoding, vocabularySize });
      const tokens = tokenizeText(text, await createTokenizer({ encoding, vocabularySize }));
      for (const split of ['train', 'validation', 'test'] as const) {
        const { length } = prepared.splits[split];
        expect(Array.from(tokens[split])).toEqual(Array.from(prepared.splits[split].read(0, length)));
        const { buffer, byteOffset, byteLength } = tokens[split];
        const digest = createHash('sha256')
          .update(Buffer.from(buffer, byteOffset, byteLength))
          .digest('hex');
        expect(digest).toBe(prepared.manifest.splits[split].sha256);
      }
      const counts = (split: 'train' | 'validation') => tokenCounts(tokens[split], vocabularySize);
      expect(unigramPerplexity(counts('train'), counts('validation'))).toBe(prepared.unigramPerplexity('validation'));
      prepared.close();
    },
  );

  test('is refused when it is empty', async () => {
    const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize: 300 });
    expect(() => tokenizeText(' \r\n\t', tokenizer)).toThrow(/^the text is empty/);
  });
});

test('the tokenizer writes and reads UTF-8 as Node does, of any text and any bytes', async () => {
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize: 300 });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (any) => {
      expect(tokenizer.decode(tokenizer.encode(any))).toBe(Buffer.from(any).toString());
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      // The first 256 ids of an encoding are the single bytes, in an order of their own.
      const idOf = (byte: number) => ids.findIndex((of) => of[0] === byte);
      expect(tokenizer.decode(Array.from(bytes, idOf))).toBe(Buffer.from(bytes).toString());
    }),
  );
});

const ids = await createTokenizer({ encoding: 'r50k_base', vocabularySize: 257 }).then((tokenizer) =>
  Array.from({ length: 256 }, (_, id) => tokenizer.tokenBytes(id)),
);
