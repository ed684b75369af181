import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type SplitName, splitNames } from '../manifest.ts';
import { bytesPerId } from '../read/token-file.ts';

/** Appends ids to the token files of a dataset that is being prepared. */
export class SplitWriter {
  readonly #directory: string;
  readonly #width: 2 | 4;
  readonly #files: Record<SplitName, { descriptor: number; tokens: number }>;

  constructor(directory: string, vocabularySize: number) {
    this.#directory = directory;
    this.#width = bytesPerId(vocabularySize);
    const open = (split: SplitName) => ({
      descriptor: openSync(join(directory, tokenFileName(split)), 'w+'),
      tokens: 0,
    });
    this.#files = { train: open('train'), validation: open('validation'), test: open('test') };
  }

  tokens(split: SplitName): number {
    return this.#files[split].tokens;
  }

  append(split: SplitName, ids: ArrayLike<number>): void {
    const file = this.#files[split];
    const bytes = Buffer.allocUnsafe(ids.length * this.#width);
    for (let i = 0; i < ids.length; i++) {
      if (this.#width === 2) bytes.writeUInt16LE(ids[i]!, 2 * i);
      else bytes.writeUInt32LE(ids[i]!, 4 * i);
    }
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(
        file.descriptor,
        bytes,
        written,
        bytes.length - written,
        file.tokens * this.#width + written,
      );
    }
    file.tokens += ids.length;
  }

  /**
   * Moves the last ids of the train split to the others: the last `test` share of all, and the `validation` share
   * before it.
   */
  cutTail(shares: { validation: number; test: number }): void {
    const { train } = this.#files;
    const total = train.tokens;
    const testStart = total - Math.round(total * shares.test);
    const validationStart = testStart - Math.round(total * shares.validation);
    this.#move('validation', validationStart, testStart);
    this.#move('test', testStart, total);
    ftruncateSync(train.descriptor, validationStart * this.#width);
    train.tokens = validationStart;
  }

  #move(split: SplitName, start: number, end: number): void {
    const target = this.#files[split];
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    for (let from = start * this.#width, to = 0; from < end * this.#width; ) {
      const read = readSync(
        this.#files.train.descriptor,
        buffer,
        0,
        Math.min(buffer.length, end * this.#width - from),
        from,
      );
      to += writeSync(target.descriptor, buffer, 0, read, to);
      from += read;
    }
    target.tokens = end - start;
  }

  close(): void {
    for (const split of splitNames) {
      fsyncSync(this.#files[split].descriptor);
      closeSync(this.#files[split].descriptor);
    }
  }

  get directory(): string {
    return this.#directory;
  }
}

export function tokenFileName(split: SplitName): string {
  return `${split}.bin`;
}

/** One pass over a token file: its sha256, how often each id occurs in it, and the last one. */
export function examineTokenFile(
  path: string,
  vocabularySize: number,
): {
  sha256: string;
  counts: number[];
  lastId: number | undefined;
} {
  const width = bytesPerId(vocabularySize);
  const hash = createHash('sha256');
  const counts = new Array<number>(vocabularySize).fill(0);
  let lastId: number | undefined;
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  const descriptor = openSync(path, 'r');
  try {
    for (;;) {
      const read = readSync(descriptor, buffer, 0, buffer.length, null);
      if (read === 0) break;
      hash.update(buffer.subarray(0, read));
      for (let offset = 0; offset < read; offset += width) {
        const id = width === 2 ? buffer.readUInt16LE(offset) : buffer.readUInt32LE(offset);
        counts[id] = (counts[id] ?? 0) + 1;
        lastId = id;
      }
    }
  } finally {
    closeSync(descriptor);
  }
  return { sha256: hash.digest('hex'), counts, lastId };
}
