import { lstatSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import { InputError, systemErrorCode } from '@dynact/files';

/** A stretch of a document's text. The parts of a document follow each other; the next document begins after `last`. */
export interface DocumentPart {
  /** The document's name: what splits by name go by, and what messages say. */
  readonly document: string;
  readonly text: string;
  readonly last: boolean;
}

/** Some parts of documents, read at once, and how far into the file that is. */
export interface DocumentParts {
  readonly parts: readonly DocumentPart[];
  /** Rows among them that hold null instead of a text. */
  readonly nulls?: number;
  /** Bytes of the file done. */
  readonly position: number;
}

/** One file of a corpus. */
export interface SourceFile {
  /** The name that messages and splits by file go by: the path as the definition gives it, or below the folder. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** Reads a file from its start to its end, feeding `hash` every byte of it in order. */
export type DocumentReader = (file: SourceFile, hash: (bytes: Uint8Array) => void) => AsyncGenerator<DocumentParts>;

const compressedEnding = /\.(?:gz|zst)$/i;

/** How a file is compressed, by its ending. */
export function compressionOf(name: string): 'gzip' | 'zstd' | undefined {
  const ending = compressedEnding.exec(name)?.[0].toLowerCase();
  return ending === '.gz' ? 'gzip' : ending === '.zst' ? 'zstd' : undefined;
}

export function withoutCompression(name: string): string {
  return name.replace(compressedEnding, '');
}

/** The name of the document that a whole file is: its name without folders and ending. */
export function documentName(fileName: string): string {
  const base = withoutCompression(fileName.slice(fileName.lastIndexOf('/') + 1));
  return base.replace(/(?<=.)\.[^.]*$/, '');
}

/** @throws InputError when there is no such file */
export function sourceFile(name: string, path: string): SourceFile {
  try {
    const status = statSync(path);
    if (!status.isFile())
      throw new InputError('dataset', `${path} is not a file: give a file of text, JSON lines or Parquet`);
    return { name: name.split(sep).join('/'), path, bytes: status.size };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The message for a file that the system does not give; any other error is passed on as it is. */
export function unreadable(path: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code === undefined || error instanceof InputError) return error;
  const missing = isLink(path) ? 'is a link to nothing' : 'does not exist';
  const reason = code === 'ENOENT' ? missing : `cannot be read (${code})`;
  return new InputError('file', `${path} ${reason}: check the path and its permissions`);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
