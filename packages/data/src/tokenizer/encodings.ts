import { InputError } from '@dynact/files/input-error';
import {
  CL100K_TOKEN_SPLIT_REGEX,
  O200K_TOKEN_SPLIT_REGEX,
  R50K_TOKEN_SPLIT_REGEX,
} from 'gpt-tokenizer/encodingParams/constants';

/** The byte-pair encodings a tokenizer can be cut from. */
export const encodingNames = ['r50k_base', 'cl100k_base', 'o200k_base'] as const;
export type EncodingName = (typeof encodingNames)[number];

/** 256 single bytes and the end of text: below that not every text can be written. */
const smallestVocabularySize = 257;

export interface Encoding {
  /** Where text is cut into the pieces that byte pairs are merged within. */
  readonly splitPattern: RegExp;
  /** Number of ids of the whole encoding, ids that stand for nothing included. */
  readonly fullVocabularySize: number;
  /** The end of text's id in the whole encoding. */
  readonly fullEndOfText: number;
  /** The bytes (as a list, or as the text they encode) of each rank, the most frequent merges first. */
  loadRanks(): Promise<readonly (string | readonly number[])[]>;
}

const encodings: Readonly<Record<EncodingName, Encoding>> = {
  r50k_base: {
    splitPattern: R50K_TOKEN_SPLIT_REGEX,
    fullVocabularySize: 50_257,
    fullEndOfText: 50_256,
    loadRanks: async () => (await import('gpt-tokenizer/bpeRanks/r50k_base')).default,
  },
  cl100k_base: {
    splitPattern: CL100K_TOKEN_SPLIT_REGEX,
    fullVocabularySize: 100_258,
    fullEndOfText: 100_257,
    loadRanks: async () => (await import('gpt-tokenizer/bpeRanks/cl100k_base')).default,
  },
  o200k_base: {
    splitPattern: O200K_TOKEN_SPLIT_REGEX,
    fullVocabularySize: 200_000,
    fullEndOfText: 199_999,
    loadRanks: async () => (await import('gpt-tokenizer/bpeRanks/o200k_base')).default,
  },
};

/** @throws InputError when there is no encoding of that name, or the vocabulary size is not one it can be cut to. */
export function findEncoding(name: string, vocabularySize: number): Encoding {
  const known = encodingNames.find((encodingName) => encodingName === name);
  if (known === undefined) {
    throw new InputError('dataset', `unknown encoding "${name}": use one of ${encodingNames.join(', ')}`);
  }
  const encoding = encodings[known];
  const largest = encoding.fullVocabularySize;
  if (!Number.isInteger(vocabularySize) || vocabularySize < smallestVocabularySize || vocabularySize > largest) {
    throw new InputError(
      'dataset',
      `vocabulary size ${vocabularySize} does not fit ${name}: use a whole number from ${smallestVocabularySize} ` +
        `(256 bytes and the end of text) to ${largest} (the whole encoding)`,
    );
  }
  return encoding;
}

/** Where an encoding cuts text into pieces: each is merged by itself. */
export function encodingSplitPattern(name: EncodingName): RegExp {
  return encodings[name].splitPattern;
}
