import { statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, systemErrorCode } from '@dynact/files';
import {
  type DatasetManifest,
  manifestFile,
  readManifest,
  readTokenCounts,
  type SplitName,
  splitNames,
  type TokenCounts,
  tokenFileName,
} from './manifest.ts';
import { openTokenFile, type TokenFile } from './read/token-file.ts';
import { bytesPerId } from './read/tokens.ts';
import { fileDigest } from './sources/file-digest.ts';
import type { Tokenizer } from './tokenizer/byte-pair-tokenizer.ts';
import { createTokenizer } from './tokenizer/tokenizer.ts';
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

/** Larger token files are hashed when they are opened only if something has touched them since. */
const alwaysHashedBytes = 16 * 1024 * 1024;

/**
 * @param directory a prepared dataset: datasets/<name>/<encoding>-<V>
 * @throws InputError when it is missing, incomplete, or its token files are not what was prepared
 */
export async function openDataset(directory: string): Promise<PreparedDataset> {
  const manifest = readManifest(directory);
  const { encoding, vocabularySize } = manifest;
  for (const split of splitNames) await verifyTokenFile(directory, manifest, split);
  const open = (split: SplitName) => openTokenFile(join(directory, tokenFileName(split)), vocabularySize);
  const splits = { train: open('train'), validation: open('validation'), test: open('test') };
  let counts: TokenCounts | undefined;
  const tokenCounts = (): TokenCounts => {
    counts ??= readTokenCounts(directory, vocabularySize);
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

async function verifyTokenFile(directory: string, manifest: DatasetManifest, split: SplitName): Promise<void> {
  const { tokens, sha256 } = manifest.splits[split];
  const path = join(directory, tokenFileName(split));
  const expected = tokens * bytesPerId(manifest.vocabularySize);
  let bytes: number;
  let isTouched: boolean;
  try {
    const status = statSync(path);
    bytes = status.size;
    // The manifest is written last, so a token file is never younger than it, unless something was done to it.
    isTouched = status.ctimeMs > statSync(join(directory, manifestFile)).ctimeMs;
  } catch (error) {
    throw new InputError(
      'dataset',
      `token file ${path} cannot be read (${systemErrorCode(error)}): prepare the dataset again`,
    );
  }
  if (bytes !== expected) {
    throw new InputError(
      'dataset',
      `token file ${path} has ${bytes} bytes instead of ${expected}: prepare the dataset again`,
    );
  }
  if ((isTouched || bytes <= alwaysHashedBytes) && (await fileDigest(path)) !== sha256) {
    throw new InputError('dataset', `token file ${path} has changed since it was prepared: prepare the dataset again`);
  }
}
