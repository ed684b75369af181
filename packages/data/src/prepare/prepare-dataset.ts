import { createHash } from 'node:crypto';
import { existsSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DatasetDefinition } from '../definition.ts';
import { InputError } from '../errors.ts';
import {
  countsFile,
  type DatasetManifest,
  manifestFile,
  preparedFormat,
  readManifest,
  splitNames,
  type TokenCounts,
} from '../manifest.ts';
import { openDataset, type PreparedDataset } from '../prepared-dataset.ts';
import { examineTokenFile } from '../read/examine-token-file.ts';
import type { SourceFile } from '../sources/documents.ts';
import { fileDigest } from '../sources/file-digest.ts';
import type { EncodingName } from '../tokenizer/encodings.ts';
import { type CorpusTokenizer, createCorpusTokenizer } from '../tokenizer/tokenizer.ts';
import { type EncodedSource, encodeCorpus } from './encode-corpus.ts';
import { type ResolvedSource, readDefinition, resolveSource, writeOrigin } from './resolve-source.ts';
import { tokenFileName } from './split-writer.ts';
import { openJournal, openWorkingFolder, removeJournal, unwritable } from './working-folder.ts';

export interface PrepareProgress {
  /** `fetch` (bytes of the file being fetched), `tokenise` (bytes of the corpus), `check` (bytes of token files). */
  phase: 'fetch' | 'tokenise' | 'check';
  done: number;
  /** 0 where it is not known. */
  total: number;
}

export interface PrepareOptions {
  /** The name of a manifest in `datasetsDirectory`, or the path of a manifest, a text file or a folder. */
  source: string;
  datasetsDirectory: string;
  encoding: EncodingName;
  /** 257 to the encoding's full size. */
  vocabularySize: number;
  /**
   * Threads that tokenise, this one included. The result does not depend on it. Default: one for each core, or 1 where
   * the corpus is so small that starting threads would take longer.
   */
  workers?: number;
  onProgress?: (progress: PrepareProgress) => void;
  /** Ends the work early, with the signal's reason; the next call goes on from there. */
  signal?: AbortSignal;
}

/** Corpora up to this size are tokenised sooner than threads have started. */
const smallCorpusBytes = 16 * 1024 * 1024;
/** One thread reads for all the others; more than this it cannot keep busy. */
const mostDefaultWorkers = 16;

/**
 * Makes datasets/<name>/<encoding>-<V>/{train,validation,test}.bin, manifest.json and token-counts.json, or returns
 * what is there when it was made from the same files in the same way. The folder appears at once, complete. Killed in
 * the middle, the next call goes on.
 * @throws InputError for wrong input; nothing is left behind then
 */
export async function prepareDataset(options: PrepareOptions): Promise<PreparedDataset> {
  const { encoding, vocabularySize, datasetsDirectory, signal, onProgress } = options;
  const tokenizer = await createCorpusTokenizer({ encoding, vocabularySize });
  let resolved: ResolvedSource;
  try {
    resolved = await resolveSource(options.source, datasetsDirectory, {
      signal,
      onProgress: (done, total) => onProgress?.({ phase: 'fetch', done, total }),
    });
  } catch (error) {
    const prepared = preparedBefore(options);
    if (prepared !== undefined && error instanceof InputError) return openDataset(prepared);
    // What is fetched is written below the datasets folder too.
    throw unwritable(datasetsDirectory, error);
  }
  const { definition, files } = resolved;
  const place = join(datasetsDirectory, definition.name, `${encoding}-${vocabularySize}`);
  if (!(await isCurrent(place, definition, files, signal))) {
    try {
      await makeUnlessMade(place, definition, files, tokenizer, options);
      writeOrigin(resolved, datasetsDirectory);
    } catch (error) {
      throw unwritable(place, error);
    }
  }
  return openDataset(place);
}

/** What was prepared of a name whose files are out of reach now: on another machine, say, or offline. */
function preparedBefore({ source, datasetsDirectory, encoding, vocabularySize }: PrepareOptions): string | undefined {
  const place = join(datasetsDirectory, source, `${encoding}-${vocabularySize}`);
  const defined = join(datasetsDirectory, `${source}.json`);
  try {
    const { definition } = readManifest(place);
    return existsSync(defined) && definition !== digestOf(readDefinition(defined)) ? undefined : place;
  } catch {
    return undefined;
  }
}

async function makeUnlessMade(
  place: string,
  definition: DatasetDefinition,
  files: readonly SourceFile[],
  tokenizer: CorpusTokenizer,
  options: PrepareOptions,
): Promise<void> {
  const { signal } = options;
  const folder = await openWorkingFolder(place, signal);
  try {
    // Another process may have made it while this one waited.
    if (!(await isCurrent(place, definition, files, signal))) {
      await make(folder.directory, definition, files, tokenizer, options);
      folder.publish();
    }
    folder.release();
  } catch (error) {
    if (unwritable(place, error) instanceof InputError) folder.discard();
    else folder.release();
    throw error;
  }
}

async function make(
  directory: string,
  definition: DatasetDefinition,
  files: readonly SourceFile[],
  tokenizer: CorpusTokenizer,
  { workers, onProgress, signal }: PrepareOptions,
): Promise<void> {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const threads = workers ?? (total <= smallCorpusBytes ? 1 : Math.min(availableParallelism(), mostDefaultWorkers));
  if (!Number.isInteger(threads) || threads < 1) {
    throw new InputError(`${threads} is not a number of workers: give a whole number from 1`);
  }
  const started = new Date();
  const stamps = files.map(({ name, path, bytes }) => ({ name, bytes, modified: statSync(path).mtimeMs }));
  const { encoding, vocabularySize } = tokenizer;
  const key = digestOf({ preparedFormat, definition, encoding, vocabularySize, stamps });
  const journal = openJournal(directory, key);
  const sources = await encodeCorpus(directory, definition, files, tokenizer, journal, {
    workers: threads,
    onPosition: (done) => onProgress?.({ phase: 'tokenise', done, total }),
    signal,
  });
  await finish(directory, definition, tokenizer, sources, started, onProgress);
}

/** Counts what was written, writes it down, and leaves nothing else in the folder. */
async function finish(
  directory: string,
  definition: DatasetDefinition,
  tokenizer: CorpusTokenizer,
  files: EncodedSource[],
  started: Date,
  onProgress: PrepareOptions['onProgress'],
): Promise<void> {
  const counts: TokenCounts = { train: [], validation: [], test: [] };
  const splits: Partial<DatasetManifest['splits']> = {};
  const paths = splitNames.map((split) => ({ split, path: join(directory, tokenFileName(split)) }));
  const total = paths.reduce((sum, { path }) => sum + statSync(path).size, 0);
  let done = 0;
  for (const { split, path } of paths) {
    const contents = await examineTokenFile(path, tokenizer.vocabularySize, (bytes) => {
      done += bytes;
      onProgress?.({ phase: 'check', done, total });
    });
    counts[split] = [...contents.counts];
    const bytes = counts[split].reduce((sum, times, id) => sum + times * tokenizer.byteLength(id), 0);
    const tokens = counts[split].reduce((sum, times) => sum + times, 0);
    if (bytes === 0) throw emptySplit(definition, split);
    // A split by position may end in the middle of a document.
    const unfinished = contents.lastId === tokenizer.endOfText ? 0 : 1;
    const documents = counts[split][tokenizer.endOfText]! + unfinished;
    const { sha256 } = contents;
    splits[split] = { file: tokenFileName(split), documents, bytes, tokens, bytesPerToken: bytes / tokens, sha256 };
  }
  const manifest: DatasetManifest = {
    format: preparedFormat,
    name: definition.name,
    licence: definition.licence,
    encoding: tokenizer.encoding,
    vocabularySize: tokenizer.vocabularySize,
    endOfText: tokenizer.endOfText,
    definition: digestOf(definition),
    source: {
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      sha256: digestOf(files.map(({ name, sha256 }) => ({ name, sha256 }))),
      files,
    },
    splits: splits as DatasetManifest['splits'],
  };
  removeJournal(directory);
  writeFileSync(join(directory, countsFile), JSON.stringify(counts), { flush: true });
  const path = join(directory, manifestFile);
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  // Source files changed after this moment were changed after they were read, or may have been: see isCurrent.
  utimesSync(path, started, started);
}

function emptySplit({ name, splits }: DatasetDefinition, split: string): InputError {
  const advice =
    splits.by === 'hash' ? 'use a larger share or more documents' : 'use more text, or other "splits" in its manifest';
  return new InputError(`${name}: the ${split} split holds no text: ${advice}`);
}

/** Whether what lies at `place` was made from these files as the definition says. Unchanged files are not read. */
async function isCurrent(
  place: string,
  definition: DatasetDefinition,
  files: readonly SourceFile[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let manifest: DatasetManifest;
  let prepared: number;
  try {
    manifest = readManifest(place);
    prepared = statSync(join(place, manifestFile)).mtimeMs;
  } catch {
    return false;
  }
  if (manifest.definition !== digestOf(definition)) return false;
  if (manifest.source.files.length !== files.length) return false;
  for (const [index, file] of files.entries()) {
    const known = manifest.source.files[index];
    if (known?.name !== file.name || known.bytes !== file.bytes) return false;
    const { mtimeMs, ctimeMs } = statSync(file.path);
    const touched = Math.max(mtimeMs, ctimeMs) >= prepared;
    if (touched && known.sha256 !== (await fileDigest(file.path, signal))) return false;
  }
  return true;
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
