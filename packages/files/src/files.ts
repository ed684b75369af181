import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { checkedJson } from './checked-json.ts';
import { makeFolder, syncDirectory, temporaryPath } from './folders.ts';
import { InputError, systemErrorCode, unwritable } from './input-error.ts';

/** Writes every byte to an open file; `writeSync` alone may write a part. */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.byteLength) written += writeSync(descriptor, bytes, written);
}

/** Writes a new file and makes its bytes durable. */
export function writeFileSynced(path: string, content: string | Uint8Array): void {
  const descriptor = openSync(path, 'w');
  try {
    writeFully(descriptor, typeof content === 'string' ? Buffer.from(content) : content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a file so that a reader, and a process that comes back after a crash, sees the old content or the new one and
 * nothing between: temporary name, sync, rename, sync of the folder. Missing parent folders are made. Throws `InputError`
 * where the disk does not take it. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  makeFolder(dirname(path));
  const temporary = temporaryPath(path);
  try {
    writeFileSynced(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(path, error);
  }
  syncDirectory(dirname(path));
}

/** A value as a JSON file for people: two spaces of indentation, a line break at the end. */
export function writeJsonAtomic(path: string, value: unknown): void {
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Reads a JSON file and checks it. Throws `InputError` with the file, the path inside it and `advice`. */
export function readJson<Schema extends z.ZodType>(path: string, schema: Schema, advice: string): z.output<Schema> {
  return checkedJson(readText(path, advice), path, schema, advice);
}

/** The text of a UTF-8 file without its byte order mark. Throws `InputError` where it cannot be read. */
export function readText(path: string, advice: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new InputError('file', `${path} ${problem}; ${advice}`);
  }
}
