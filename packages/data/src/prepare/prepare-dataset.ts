import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@dynact/files';
import type { DatasetDefinition } from '../definition.ts';
import { preparedFormat } from '../manifest.ts';
import { openDataset, type PreparedDataset } from '../prepared-dataset.ts';
import type { DatasetFolders } from '../read-definition.ts';
import type { SourceFile } from '../sources/documents.ts';
import type { EncodingName } from '../tokenizer/encodings.ts';
import { type CorpusTokenizer, createCorpusTokenizer } from '../tokenizer/tokenizer.ts';
import { digestOf, isCurrent, preparedBefore } from './current.ts';
import { encodeCorpus } from './encode-corpus.ts';
import { openJournal } from './journal.ts';
import { type ResolvedSource, resolveSource, writeOrigin } from './resolve-source.ts';
import { openWorkingFolder, unwritable } from './working-folder.ts';
import { writeManifest } from './write-manifest.ts';

export interface PrepareProgress {
  /** `fetch` (bytes of the file being fetched), `tokenize` (bytes of the corpus), `check` (bytes of token files). */
  phase: 'fetch' | 'tokenize' | 'check';
  done: number;
  /** 0 where it is not known. */
  total: number;
}

export interface PrepareOptions extends DatasetFolders {
  /** The name of a definition, or the path of a definition, a text file or a folder. */
  source: string;
  encoding: EncodingName;
  /** 257 to the encoding's full size. */
  vocabularySize: number;
  /**
   * Threads that tokenize, this one included. The result does not depend on it. Default: one for each core, or 1 where
   * the corpus is so small that starting threads would take longer.
   */
  workers?: number;
  onProgress?: (progress: PrepareProgress) => void;
  /** Ends the work early, with the signal's reason; the next call goes on from there. */
  signal?: AbortSignal;
}

/** Corpora up to this size are tokenized sooner than threads have started. */
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
  const { encoding, vocabularySize, datasets, signal, onProgress } = options;
  const tokenizer = await createCorpusTokenizer({ encoding, vocabularySize });
  let resolved: ResolvedSource;
  try {
    resolved = await resolveSource(options.source, options, {
      signal,
      onProgress: (done, total) => onProgress?.({ phase: 'fetch', done, total }),
    });
  } catch (error) {
    const prepared = preparedBefore(options.source, options, `${encoding}-${vocabularySize}`);
    if (prepared !== undefined && error instanceof InputError) return openDataset(prepared);
    // Fetched files are written below the datasets folder too.
    throw unwritable(datasets, error);
  }
  const { definition, files } = resolved;
  const place = join(datasets, definition.name, `${encoding}-${vocabularySize}`);
  if (!(await isCurrent(place, definition, files, signal))) {
    try {
      await makeUnlessMade(place, definition, files, tokenizer, options);
      writeOrigin(resolved, datasets);
    } catch (error) {
      throw unwritable(place, error);
    }
  }
  return openDataset(place);
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
    throw new InputError('dataset', `${threads} is not a number of workers: give a whole number from 1`);
  }
  const started = new Date();
  const stamps = files.map(({ name, path, bytes }) => ({ name, bytes, modified: statSync(path).mtimeMs }));
  const { encoding, vocabularySize } = tokenizer;
  const key = digestOf({ preparedFormat, definition, encoding, vocabularySize, stamps });
  const journal = openJournal(directory, key);
  const sources = await encodeCorpus(directory, definition, files, tokenizer, journal, {
    workers: threads,
    onPosition: (done) => onProgress?.({ phase: 'tokenize', done, total }),
    signal,
  });
  await writeManifest(directory, definition, tokenizer, sources, started, (done, all) =>
    onProgress?.({ phase: 'check', done, total: all }),
  );
}
