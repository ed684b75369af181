import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetDefinition } from '../definition.ts';
import { InputError, systemErrorCode } from '../errors.ts';
import {
  countsFile,
  type DatasetManifest,
  manifestFile,
  preparedFormat,
  type SplitName,
  splitNames,
  type TokenCounts,
} from '../manifest.ts';
import { openDataset, type PreparedDataset, readManifest } from '../prepared-dataset.ts';
import type { SourceFile } from '../sources/documents.ts';
import { readTextFile } from '../sources/text-file.ts';
import { createNormaliser } from '../text/normalise.ts';
import { firstSegmentLength } from '../text/segments.ts';
import type { EncodingName } from '../tokenizer/encodings.ts';
import { createTokenizer, type Tokenizer } from '../tokenizer/tokenizer.ts';
import { resolveSource } from './resolve-source.ts';
import { examineTokenFile, SplitWriter, tokenFileName } from './split-writer.ts';

export interface PrepareProgress {
  /** What is being done: `tokenise`, then `finish`. */
  phase: string;
  /** Bytes of the source done and to do. */
  done: number;
  total: number;
}

export interface PrepareOptions {
  /** The name of a manifest in `datasetsDirectory`, or the path of a manifest, a text file or a folder. */
  source: string;
  datasetsDirectory: string;
  encoding: EncodingName;
  /** 257 to the encoding's full size. */
  vocabularySize: number;
  onProgress?: (progress: PrepareProgress) => void;
  signal?: AbortSignal;
}

/**
 * Makes datasets/<name>/<encoding>-<V>/{train,validation,test}.bin and manifest.json, or returns what is there when it
 * was made from the same files in the same way. The folder appears at once, complete.
 * @throws InputError for wrong input; nothing is left behind then
 */
export async function prepareDataset(options: PrepareOptions): Promise<PreparedDataset> {
  const { encoding, vocabularySize, datasetsDirectory } = options;
  const tokenizer = await createTokenizer({ encoding, vocabularySize });
  const { definition, files } = resolveSource(options.source, datasetsDirectory);
  const parent = join(datasetsDirectory, definition.name);
  const directory = join(parent, `${encoding}-${vocabularySize}`);
  if (await isCurrent(directory, definition, files)) return openDataset(directory);

  mkdirSync(parent, { recursive: true });
  const working = mkdtempSync(join(parent, `.${encoding}-${vocabularySize}-`));
  try {
    await build(working, definition, files, tokenizer, options);
    rmSync(directory, { recursive: true, force: true });
    renameSync(working, directory);
  } catch (error) {
    rmSync(working, { recursive: true, force: true });
    if (systemErrorCode(error) === 'ENOSPC')
      throw new InputError(`no space left for ${directory}: free some and try again`);
    throw error;
  }
  return openDataset(directory);
}

async function isCurrent(
  directory: string,
  definition: DatasetDefinition,
  files: readonly SourceFile[],
): Promise<boolean> {
  if (!existsSync(join(directory, manifestFile))) return false;
  let manifest: DatasetManifest;
  try {
    manifest = readManifest(directory);
  } catch {
    return false;
  }
  if (manifest.definition !== definitionDigest(definition)) return false;
  if (manifest.source.files.length !== files.length) return false;
  for (const [index, file] of files.entries()) {
    const known = manifest.source.files[index];
    if (known?.name !== file.name || known.bytes !== file.bytes) return false;
    if (known.sha256 !== (await fileDigest(file))) return false;
  }
  return true;
}

async function fileDigest(file: SourceFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(file.path)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}

function definitionDigest(definition: DatasetDefinition): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex');
}

async function build(
  directory: string,
  definition: DatasetDefinition,
  files: readonly SourceFile[],
  tokenizer: Tokenizer,
  { onProgress, signal }: PrepareOptions,
): Promise<void> {
  const writer = new SplitWriter(directory, tokenizer.vocabularySize);
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  let done = 0;
  const sources: DatasetManifest['source']['files'] = [];
  try {
    for (const file of files) {
      const hash = createHash('sha256');
      const normaliser = createNormaliser(definition.normalisation);
      let held = '';
      for await (const part of readTextFile(file, definition.format, (bytes) => {
        hash.update(bytes);
        done += bytes.length;
      })) {
        signal?.throwIfAborted();
        const split = splitOf(definition, part.document);
        held += normaliser.push(part.text);
        if (part.last) held += normaliser.end();
        for (let length = firstSegmentLength(held); length > 0; length = firstSegmentLength(held)) {
          writer.append(split, tokenizer.encode(held.slice(0, length)));
          held = held.slice(length);
        }
        if (part.last) {
          writer.append(split, [...tokenizer.encode(held), tokenizer.endOfText]);
          held = '';
        }
        onProgress?.({ phase: 'tokenise', done, total });
        await new Promise(setImmediate);
      }
      sources.push({ name: file.name, bytes: file.bytes, sha256: hash.digest('hex') });
    }
    if (definition.splits.by === 'position') writer.cutTail(definition.splits);
  } finally {
    writer.close();
  }
  onProgress?.({ phase: 'finish', done: total, total });
  finish(directory, definition, tokenizer, writer, sources);
}

function splitOf({ splits }: DatasetDefinition, document: string): SplitName {
  if (splits.by === 'name') {
    if (splits.validation.includes(document)) return 'validation';
    if (splits.test.includes(document)) return 'test';
  }
  return 'train';
}

function finish(
  directory: string,
  definition: DatasetDefinition,
  tokenizer: Tokenizer,
  writer: SplitWriter,
  files: DatasetManifest['source']['files'],
): void {
  const counts: TokenCounts = { train: [], validation: [], test: [] };
  const splits = {} as DatasetManifest['splits'];
  for (const split of splitNames) {
    const file = tokenFileName(split);
    const tokens = writer.tokens(split);
    const examined = examineTokenFile(join(directory, file), tokenizer.vocabularySize);
    counts[split] = examined.counts;
    const bytes = examined.counts.reduce((sum, times, id) => sum + times * tokenizer.byteLength(id), 0);
    if (bytes === 0)
      throw new InputError(`${definition.name}: the ${split} split holds no text: check the files and "splits"`);
    splits[split] = {
      file,
      // A split by position may end in the middle of a document.
      documents: examined.counts[tokenizer.endOfText]! + (examined.lastId === tokenizer.endOfText ? 0 : 1),
      bytes,
      tokens,
      bytesPerToken: tokens === 0 ? 0 : bytes / tokens,
      sha256: examined.sha256,
    };
  }
  const manifest: DatasetManifest = {
    format: preparedFormat,
    name: definition.name,
    licence: definition.licence,
    encoding: tokenizer.encoding,
    vocabularySize: tokenizer.vocabularySize,
    endOfText: tokenizer.endOfText,
    definition: definitionDigest(definition),
    source: {
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      sha256: createHash('sha256').update(JSON.stringify(files)).digest('hex'),
      files,
    },
    splits,
  };
  writeFileSync(join(directory, countsFile), JSON.stringify(counts));
  writeFileSync(join(directory, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
}
