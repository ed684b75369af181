import { join } from 'node:path';
import { InputError, readJson } from '@dynact/files';
import { z } from 'zod';
import { encodingNames } from './tokenizer/encodings.ts';

const advice = 'prepare the dataset again';

/** manifest.json of a prepared dataset: what its token files were made from and what they hold. */

/** Raised when the same input would give other tokens; older prepared datasets are then made again. */
export const preparedFormat = 2;

export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

export function tokenFileName(split: SplitName): `${SplitName}.bin` {
  return `${split}.bin`;
}

const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const splitSchema = z.strictObject({
  /** Name of the token file beside the manifest: `tokenFileName` of the split. */
  file: z.enum(['train.bin', 'validation.bin', 'test.bin']),
  /** Which text came into it, in words. */
  rule: z.string(),
  documents: count,
  /** UTF-8 bytes of the text that the tokens stand for; an end of text stands for none. */
  bytes: count,
  tokens: count,
  bytesPerToken: z.number().nonnegative(),
  sha256,
});

const datasetManifestSchema = z.strictObject({
  format: z.literal(preparedFormat),
  name: z.string().min(1),
  license: z.string().min(1),
  encoding: z.enum(encodingNames),
  vocabularySize: z.number().int(),
  endOfText: count,
  /** How the corpus was read: sha256 of its definition. */
  definition: sha256,
  source: z.strictObject({
    bytes: count,
    /** sha256 over the names and contents of all files. */
    sha256,
    files: z.array(
      z.strictObject({
        name: z.string().min(1),
        bytes: count,
        sha256,
        /** Rows that hold null instead of a text, passed over. */
        nullRows: count,
        /** Characters that no text has (U+0080 to U+009F): it was read by a wrong encoding once. */
        controlCharacters: count.default(0),
      }),
    ),
  }),
  splits: z.strictObject({ train: splitSchema, validation: splitSchema, test: splitSchema }),
});

export type DatasetManifest = z.infer<typeof datasetManifestSchema>;

export const manifestFile = 'manifest.json';
/** Beside the manifest: how often each id occurs in each split. */
export const countsFile = 'token-counts.json';

const tokenCountsSchema = z.strictObject({
  train: z.array(count),
  validation: z.array(count),
  test: z.array(count),
});
export type TokenCounts = z.infer<typeof tokenCountsSchema>;

/** @throws InputError when manifest.json is missing or not a prepared dataset's */
export function readManifest(directory: string): DatasetManifest {
  return readJson(join(directory, manifestFile), datasetManifestSchema, advice);
}

/** @throws InputError when the counts are missing or not those of a vocabulary of that size */
export function readTokenCounts(directory: string, vocabularySize: number): TokenCounts {
  const path = join(directory, countsFile);
  const counts = readJson(path, tokenCountsSchema, advice);
  if (splitNames.every((split) => counts[split].length === vocabularySize)) return counts;
  throw new InputError('dataset', `${path} does not hold token counts; ${advice}`);
}
