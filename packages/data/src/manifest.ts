import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, systemErrorCode } from './errors.ts';
import { encodingNames } from './tokenizer/encodings.ts';

/** manifest.json of a prepared dataset: what its token files were made from and what they hold. */

/** Raised when the same input would give other tokens; older prepared datasets are then made again. */
export const preparedFormat = 2;

export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const splitSchema = z.strictObject({
  /** Name of the token file beside the manifest. */
  file: z.string().min(1),
  documents: count,
  /** UTF-8 bytes of the text that the tokens stand for; an end of text stands for none. */
  bytes: count,
  tokens: count,
  bytesPerToken: z.number().nonnegative(),
  sha256,
});

export const datasetManifestSchema = z.strictObject({
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
    files: z.array(z.strictObject({ name: z.string().min(1), bytes: count, sha256 })),
  }),
  splits: z.strictObject({ train: splitSchema, validation: splitSchema, test: splitSchema }),
});

export type DatasetManifest = z.infer<typeof datasetManifestSchema>;

export const manifestFile = 'manifest.json';
/** Beside the manifest: how often each id occurs in each split. */
export const countsFile = 'token-counts.json';

export const tokenCountsSchema = z.strictObject({
  train: z.array(count),
  validation: z.array(count),
  test: z.array(count),
});
export type TokenCounts = z.infer<typeof tokenCountsSchema>;

/** @throws InputError when manifest.json is missing or not a prepared dataset's */
export function readManifest(directory: string): DatasetManifest {
  const path = join(directory, manifestFile);
  const parsed = datasetManifestSchema.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  throw new InputError(`${path} is not a prepared dataset's manifest: delete its folder and prepare the dataset again`);
}

/** @throws InputError when the counts are missing or not those of a vocabulary of that size */
export function readTokenCounts(directory: string, vocabularySize: number): TokenCounts {
  const path = join(directory, countsFile);
  const parsed = tokenCountsSchema.safeParse(readJson(path));
  if (parsed.success && splitNames.every((split) => parsed.data[split].length === vocabularySize)) return parsed.data;
  throw new InputError(`${path} does not hold token counts: delete its folder and prepare the dataset again`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = systemErrorCode(error) === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new InputError(`${path} ${reason}: prepare the dataset (delete its folder first if it is there)`);
  }
}
