import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, systemErrorCode } from './errors.ts';
import {
  countsFile,
  type DatasetManifest,
  datasetManifestSchema,
  manifestFile,
  type SplitName,
  splitNames,
  type TokenCounts,
  tokenCountsSchema,
} from './manifest.ts';
import { bytesPerId, openTokenFile, type TokenFile } from './read/token-file.ts';
import { createTokenizer, type Tokenizer } from './tokenizer/tokenizer.ts';
import { unigramPerplexity } from './unigram.ts';

export interface PreparedDataset {
  readonly directory: string;
  readonly manifest: DatasetManifest;
  readonly splits: Readonly<Record<SplitName, TokenFile>>;
  /** The tokenizer that made the token files. */
  tokenizer(): Promise<Tokenizer>;
  /** How often each id occurs in each split. */
  tokenCounts(): TokenCounts;
  /**
   * The perplexity of a split when each token is guessed by its frequency in the train split alone: the floor that a
   * model has to beat. Add-one smoothing, so that ids which the train split lacks have a probability too.
   */
  unigramPerplexity(split: 'validation' | 'test'): number;
  close(): void;
}

/** Token files up to this size are hashed whenever they are opened; larger ones only when their size has changed. */
const alwaysHashedBytes = 64 * 1024 * 1024;

/**
 * @param directory a prepared dataset: datasets/<name>/<encoding>-<V>
 * @throws InputError when it is missing, incomplete, or its token files are not what was prepared
 */
export async function openDataset(directory: string): Promise<PreparedDataset> {
  const manifest = readManifest(directory);
  const { encoding, vocabularySize } = manifest;
  for (const split of splitNames) verifyTokenFile(directory, manifest, split);
  const open = (split: SplitName) => openTokenFile(join(directory, manifest.splits[split].file), vocabularySize);
  const splits = { train: open('train'), validation: open('validation'), test: open('test') };
  let counts: TokenCounts | undefined;
  const tokenCounts = (): TokenCounts => {
    counts ??= readCounts(directory, vocabularySize);
    return counts;
  };
  return {
    directory,
    manifest,
    splits,
    tokenizer: () => createTokenizer({ encoding, vocabularySize }),
    tokenCounts,
    unigramPerplexity: (split) => unigramPerplexity(tokenCounts().train, tokenCounts()[split]),
    close() {
      for (const split of splitNames) splits[split].close();
    },
  };
}

/** @throws InputError when manifest.json is missing or not a prepared dataset's */
export function readManifest(directory: string): DatasetManifest {
  const parsed = datasetManifestSchema.safeParse(readJson(join(directory, manifestFile)));
  if (!parsed.success) {
    throw new InputError(`${join(directory, manifestFile)} is not a prepared dataset's manifest: prepare it again`);
  }
  return parsed.data;
}

function readCounts(directory: string, vocabularySize: number): TokenCounts {
  const parsed = tokenCountsSchema.safeParse(readJson(join(directory, countsFile)));
  if (!parsed.success || splitNames.some((split) => parsed.data[split].length !== vocabularySize)) {
    throw new InputError(`${join(directory, countsFile)} does not hold token counts: prepare the dataset again`);
  }
  return parsed.data;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = systemErrorCode(error) === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new InputError(`${path} ${reason}: prepare the dataset (again)`);
  }
}

function verifyTokenFile(directory: string, manifest: DatasetManifest, split: SplitName): void {
  const { file, tokens, sha256 } = manifest.splits[split];
  const path = join(directory, file);
  const expected = tokens * bytesPerId(manifest.vocabularySize);
  let bytes: number;
  try {
    bytes = statSync(path).size;
  } catch (error) {
    throw new InputError(`token file ${path} cannot be read (${systemErrorCode(error)}): prepare the dataset again`);
  }
  if (bytes !== expected) {
    throw new InputError(`token file ${path} has ${bytes} bytes instead of ${expected}: prepare the dataset again`);
  }
  if (bytes <= alwaysHashedBytes && createHash('sha256').update(readFileSync(path)).digest('hex') !== sha256) {
    throw new InputError(`token file ${path} has changed since it was prepared: prepare the dataset again`);
  }
}
