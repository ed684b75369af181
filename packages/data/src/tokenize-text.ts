import { InputError } from '@dynact/files/input-error';
import { bytesPerId } from './read/tokens.ts';
import { createNormalizer } from './text/normalize.ts';
import { tailStarts, usualTail } from './text/tail.ts';
import type { Tokenizer } from './tokenizer/byte-pair-tokenizer.ts';

type Ids = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** The ids of each split, as token files hold them. */
export interface TokenizedText {
  readonly train: Ids;
  readonly validation: Ids;
  readonly test: Ids;
}

/**
 * A text in memory as `prepareDataset` has it from a text file without a definition: the same ids, in the same splits.
 * @throws InputError when it is empty
 */
export function tokenizeText(text: string, tokenizer: Tokenizer): TokenizedText {
  const normalizer = createNormalizer({ newlines: 'lf', joinWrappedLines: false });
  const normal = normalizer.push(text.replace(/^\uFEFF/, '')) + normalizer.end();
  if (normal === '') throw new InputError('dataset', 'the text is empty: give one of a few thousand characters');
  const Row = bytesPerId(tokenizer.vocabularySize) === 2 ? Uint16Array : Uint32Array;
  const ids = Row.from([...tokenizer.encode(normal), tokenizer.endOfText]);
  const { validation, test } = tailStarts(ids.length, usualTail);
  return { train: ids.slice(0, validation), validation: ids.slice(validation, test), test: ids.slice(test) };
}
