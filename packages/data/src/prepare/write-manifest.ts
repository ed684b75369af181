import { statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, writeFileSynced, writeJsonAtomic } from '@dynact/files';
import type { DatasetDefinition } from '../definition.ts';
import {
  countsFile,
  type DatasetManifest,
  manifestFile,
  preparedFormat,
  type SplitName,
  splitNames,
  type TokenCounts,
  tokenFileName,
} from '../manifest.ts';
import { examineTokenFile } from '../read/examine-token-file.ts';
import type { Tokenizer } from '../tokenizer/byte-pair-tokenizer.ts';
import { digestOf } from './current.ts';
import type { EncodedSource } from './encode-corpus.ts';
import { removeJournal } from './journal.ts';

/**
 * Counts what was written, writes it down, and leaves nothing else in the folder.
 * @param rules which text each split has, in words
 * @param onProgress is told how many bytes of the token files are counted, of how many
 * @throws InputError when a split holds no text
 */
export async function writeManifest(
  directory: string,
  definition: DatasetDefinition,
  tokenizer: Tokenizer,
  files: readonly EncodedSource[],
  rules: Readonly<Record<SplitName, string>>,
  onProgress: (done: number, total: number) => void,
): Promise<DatasetManifest> {
  const counts: TokenCounts = { train: [], validation: [], test: [] };
  const splits: Partial<DatasetManifest['splits']> = {};
  const paths = splitNames.map((split) => ({ split, path: join(directory, tokenFileName(split)) }));
  const total = paths.reduce((sum, { path }) => sum + statSync(path).size, 0);
  let done = 0;
  for (const { split, path } of paths) {
    const contents = await examineTokenFile(path, tokenizer.vocabularySize, (bytes) => {
      done += bytes;
      onProgress(done, total);
    });
    counts[split] = [...contents.counts];
    const bytes = counts[split].reduce((sum, times, id) => sum + times * tokenizer.byteLength(id), 0);
    const tokens = counts[split].reduce((sum, times) => sum + times, 0);
    if (bytes === 0) throw emptySplit(definition, split);
    // A split by position may end in the middle of a document.
    const unfinished = contents.lastId === tokenizer.endOfText ? 0 : 1;
    const documents = counts[split][tokenizer.endOfText]! + unfinished;
    const { sha256 } = contents;
    const rule = rules[split];
    splits[split] = {
      file: tokenFileName(split),
      rule,
      documents,
      bytes,
      tokens,
      bytesPerToken: bytes / tokens,
      sha256,
    };
  }
  const manifest: DatasetManifest = {
    format: preparedFormat,
    name: definition.name,
    license: definition.license,
    encoding: tokenizer.encoding,
    vocabularySize: tokenizer.vocabularySize,
    endOfText: tokenizer.endOfText,
    definition: digestOf(definition),
    source: {
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      sha256: digestOf(files.map(({ name, sha256 }) => ({ name, sha256 }))),
      files: [...files],
    },
    splits: splits as DatasetManifest['splits'],
  };
  removeJournal(directory);
  writeFileSynced(join(directory, countsFile), JSON.stringify(counts));
  writeJsonAtomic(join(directory, manifestFile), manifest);
  return manifest;
}

function emptySplit({ name, splits }: DatasetDefinition, split: string): InputError {
  const advice =
    splits.by === 'hash'
      ? 'use a larger share or more documents'
      : 'use more text, or other "splits" in its definition';
  return new InputError('dataset', `${name}: the ${split} split holds no text: ${advice}`);
}
