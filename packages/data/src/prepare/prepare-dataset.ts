import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { InputError, unwritable } from '@dynact/files';
import type { DatasetDefinition } from '../definition.ts';
import { preparedFormat } from '../manifest.ts';
import { openDataset, type PreparedDataset } from '../prepared-dataset.ts';
import { type DatasetFolders, readDefinition } from '../read-definition.ts';
import type { SourceFile } from '../sources/documents.ts';
import { takeStamps, writeStamps } from '../sources/stamps.ts';
import type { EncodingName } from '../tokenizer/encodings.ts';
import { type CorpusTokenizer, createCorpusTokenizer } from '../tokenizer/tokenizer.ts';
import { digestOf, openCurrent } from './current.ts';
import { encodeCorpus } from './encode-corpus.ts';
import { openJournal } from './journal.ts';
import { writeOrigin } from './origin.ts';
import { locateSource, type ResolvedSource, resolveSource, type Source } from './resolve-source.ts';
import { describeSplits } from './split-rules.ts';
import { openWorkingFolder, type WorkingFolder } from './working-folder.ts';
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

/** Tries, where the source files change while they are read. */
const mostAttempts = 3;

/**
 * Makes datasets/<name>/<encoding>-<V>/{train,validation,test}.bin, manifest.json and token-counts.json, or opens them
 * when they are whole and were made from the same files in the same way. The folder appears at once, complete. Killed
 * in the middle, the next call goes on.
 * @throws InputError for wrong input; nothing is left behind then
 */
export async function prepareDataset(options: PrepareOptions): Promise<PreparedDataset> {
  const { encoding, vocabularySize, datasets, signal, onProgress } = options;
  const tokenizer = await createCorpusTokenizer({ encoding, vocabularySize });
  const source = locateSource(options.source, options);
  const place = placeOf(source, options);
  let resolved: ResolvedSource;
  try {
    resolved = await resolveSource(source, datasets, {
      signal,
      onProgress: (done, total) => onProgress?.({ phase: 'fetch', done, total }),
    });
  } catch (error) {
    const prepared = error instanceof InputError ? await openOutOfReach(source.path, place) : undefined;
    if (prepared !== undefined) return prepared;
    // Fetched files are written below the datasets folder too.
    throw unwritable(datasets, error);
  }
  const { definition, files } = resolved;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    // The second look, after making it, also sees whether another process has put something else there.
    const current = await openCurrent(place, definition, files, signal);
    if (current !== undefined) return current;
    try {
      await makeUnlessMade(place, resolved, tokenizer, options);
      if (source.isPath) writeOrigin(datasets, source.folder, source.path);
    } catch (error) {
      throw unwritable(place, error);
    }
  }
  const current = await openCurrent(place, definition, files, signal);
  if (current !== undefined) return current;
  throw new InputError('busy', `${source.path} changes while it is read: wait until it is complete and try again`);
}

/** The dataset that was prepared of a source, however old; undefined where there is none. */
export async function openPrepared(options: PrepareOptions): Promise<PreparedDataset | undefined> {
  try {
    return await openDataset(placeOf(locateSource(options.source, options), options));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function placeOf({ folder }: Source, { datasets, encoding, vocabularySize }: PrepareOptions): string {
  return join(datasets, folder, `${encoding}-${vocabularySize}`);
}

/** The dataset of a source whose files are out of reach now: it was made on another machine, say, or is offline. */
async function openOutOfReach(path: string, place: string): Promise<PreparedDataset | undefined> {
  try {
    const dataset = await openDataset(place);
    const isSame = !existsSync(path) || dataset.manifest.definition === digestOf(readDefinition(path));
    if (isSame) return dataset;
    dataset.close();
  } catch {
    // Nothing of use was prepared: the failure of before is the one to tell.
  }
  return undefined;
}

async function makeUnlessMade(
  place: string,
  { definition, files }: ResolvedSource,
  tokenizer: CorpusTokenizer,
  options: PrepareOptions,
): Promise<void> {
  const { signal } = options;
  const folder = await openWorkingFolder(place, signal);
  try {
    // Another process may have made it while this one waited.
    const current = await openCurrent(place, definition, files, signal);
    current?.close();
    if (current === undefined) {
      await make(folder, definition, files, tokenizer, options);
      folder.publish();
    }
    folder.release();
  } catch (error) {
    const told = unwritable(place, error);
    // Another process that has taken the folder over goes on in it.
    const isOwn = told instanceof InputError && told.kind !== 'busy';
    if (isOwn) folder.discard();
    else folder.release();
    throw told;
  }
}

async function make(
  { directory, assertHeld }: WorkingFolder,
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
  const stamps = takeStamps(files);
  const { encoding, vocabularySize } = tokenizer;
  const key = digestOf({ preparedFormat, definition, encoding, vocabularySize, files: stamps.files });
  const journal = openJournal(directory, key);
  const corpus = await encodeCorpus(directory, definition, files, tokenizer, journal, {
    workers: threads,
    assertHeld,
    onPosition: (done) => onProgress?.({ phase: 'tokenize', done, total }),
    signal,
  });
  assertHeld();
  const rules = describeSplits(definition, files, corpus.wasHalved);
  const { source } = await writeManifest(directory, definition, tokenizer, corpus.sources, rules, (done, all) =>
    onProgress?.({ phase: 'check', done, total: all }),
  );
  writeStamps(directory, source.sha256, stamps);
}
