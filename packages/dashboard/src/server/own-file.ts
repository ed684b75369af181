import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';

/** Larger files of settings are nobody's. */
const largest = 16 * 1024 * 1024;

/** A file's look from outside: whether it is another than it was. */
export interface FileMark {
  readonly key: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly changed: number;
}

/** The file of that name; undefined for anything else, links among it, which would lead out of the folder. */
export function fileMark(path: string): FileMark | undefined {
  try {
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (!status?.isFile()) return undefined;
    return { key: `${status.ino} ${status.size} ${status.mtimeMs}`, size: status.size, changed: status.mtimeMs };
  } catch {
    return undefined;
  }
}

/** The text of a file. @throws Error of Node for a link, or what cannot be opened */
export function readOwnFile(path: string): string {
  return readOwnBytes(path).toString('utf8');
}

/** A file, or its last `tail` bytes. @throws as readOwnFile */
export function readOwnBytes(path: string, tail = largest): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new Error('is no file');
    if (status.size > largest && tail === largest) throw new Error('is too large');
    const bytes = Buffer.allocUnsafe(Math.min(status.size, tail));
    const count = readSync(descriptor, bytes, 0, bytes.length, status.size - bytes.length);
    return bytes.subarray(0, count);
  } finally {
    closeSync(descriptor);
  }
}
