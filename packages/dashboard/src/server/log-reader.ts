import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';

/** Bytes of one read. Between reads the worker can answer. */
const chunkBytes = 256 * 1024;
/** Bytes of the lines that are handed on together: a part of a log is found again to within as many. */
const batchBytes = 32 * 1024;
/** A longer line is no record of ours: it is left out, unread. */
const longestLine = 1024 * 1024;
const lineBreak = 0x0a;

/** Gets a log's complete lines; null stands for one that is too long. */
export interface LineSink {
  /** The log begins anew: all that came before is void. */
  reset(): void;
  lines(lines: readonly (string | null)[], offset: number): void;
}

/**
 * Follows a log that another process writes, perhaps on another machine: looks at the file's size, opens it anew and reads
 * what has come. A file that is shorter than before, or another one of the same name, is read from its beginning: a resumed
 * run cuts its log back.
 */
export class LogReader {
  readonly path: string;
  /** Bytes of the lines that were read. */
  offset = 0;
  /** Tells the file from another one of the same name. */
  inode = 0n;
  /** Length of the file when it was last looked at. */
  size = 0;
  readonly #sink: LineSink;
  #skipping = false;

  constructor(path: string, sink: LineSink) {
    [this.path, this.#sink] = [path, sink];
  }

  /** Reads one chunk. @returns whether there is more by now */
  read(): boolean {
    const seen = lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
    if (!seen?.isFile()) {
      if (this.offset > 0) this.#restart(0n);
      return false;
    }
    this.#compare(seen);
    if (this.size <= this.offset) return false;
    const descriptor = openSync(this.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      this.#compare(fstatSync(descriptor, { bigint: true }));
      return this.#readChunk(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  #compare({ ino, size }: BigIntStats): void {
    if (ino !== this.inode || Number(size) < this.offset) this.#restart(ino);
    this.size = Number(size);
  }

  #restart(inode: bigint): void {
    [this.inode, this.offset, this.size, this.#skipping] = [inode, 0, 0, false];
    this.#sink.reset();
  }

  #readChunk(descriptor: number): boolean {
    let bytes = readUpTo(descriptor, this.offset, chunkBytes);
    if (bytes.lastIndexOf(lineBreak) < 0 && bytes.length === chunkBytes && !this.#skipping) {
      bytes = readUpTo(descriptor, this.offset, longestLine);
    }
    const complete = bytes.lastIndexOf(lineBreak) + 1;
    if (complete === 0) {
      // A torn last line is read again when it is whole; one without an end is passed over.
      if (bytes.length < chunkBytes || (bytes.length < longestLine && !this.#skipping)) return false;
      this.#skipping = true;
      this.offset += bytes.length;
      return true;
    }
    const start = this.offset;
    this.offset += complete;
    for (let begin = 0, end = 0; begin < complete; begin = end) {
      end = bytes.indexOf(lineBreak, Math.min(begin + batchBytes, complete - 1)) + 1;
      const lines: (string | null)[] = bytes.toString('utf8', begin, end - 1).split('\n');
      if (this.#skipping) lines[0] = null;
      this.#skipping = false;
      this.#sink.lines(lines, start + begin);
    }
    return this.offset < this.size;
  }
}

/** Complete lines of a part of a file, from the line that holds or follows byte `start` to `end`. */
export function readPart(path: string, start: number, end: number): string[] {
  const lines: string[] = [];
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const bytes = readUpTo(descriptor, start, end - start);
    for (const line of bytes.toString('utf8').split('\n')) if (line.length <= longestLine) lines.push(line);
  } finally {
    closeSync(descriptor);
  }
  return lines;
}

function readUpTo(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
