import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { type SplitName, splitNames } from '../manifest.ts';
import { bytesPerId } from '../read/token-file.ts';
import type { TokenIds } from './encode-task.ts';

export type TokenTotals = Record<SplitName, number>;

const copiedBytes = 1024 * 1024;

/** Appends ids to the token files of a dataset that is being prepared. */
export class SplitWriter {
  readonly #width: 2 | 4;
  readonly #files: Record<SplitName, { descriptor: number; tokens: number }>;

  /** @param kept ids that are there already, from before a kill; what stands behind them is cut off */
  constructor(directory: string, vocabularySize: number, kept: TokenTotals) {
    this.#width = bytesPerId(vocabularySize);
    const open = (split: SplitName) => {
      const fresh = kept[split] === 0;
      const descriptor = openSync(join(directory, tokenFileName(split)), fresh ? 'w+' : 'r+');
      ftruncateSync(descriptor, kept[split] * this.#width);
      return { descriptor, tokens: kept[split] };
    };
    this.#files = { train: open('train'), validation: open('validation'), test: open('test') };
  }

  get totals(): TokenTotals {
    const { train, validation, test } = this.#files;
    return { train: train.tokens, validation: validation.tokens, test: test.tokens };
  }

  append(split: SplitName, ids: TokenIds): void {
    const file = this.#files[split];
    const bytes = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);
    if (endianness() === 'BE') {
      if (this.#width === 2) bytes.swap16();
      else bytes.swap32();
    }
    writeFully(file.descriptor, bytes, file.tokens * this.#width);
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
    this.#copy('validation', validationStart, testStart);
    this.#copy('test', testStart, total);
    ftruncateSync(train.descriptor, validationStart * this.#width);
    train.tokens = validationStart;
  }

  #copy(split: SplitName, start: number, end: number): void {
    const { train, [split]: target } = this.#files;
    const buffer = Buffer.allocUnsafe(copiedBytes);
    const stop = end * this.#width;
    for (let from = start * this.#width, to = 0; from < stop; ) {
      const read = readSync(train.descriptor, buffer, 0, Math.min(buffer.length, stop - from), from);
      writeFully(target.descriptor, buffer.subarray(0, read), to);
      from += read;
      to += read;
    }
    target.tokens = end - start;
  }

  /** Everything appended so far is on the disk afterwards. */
  sync(): void {
    for (const split of splitNames) fsyncSync(this.#files[split].descriptor);
  }

  close(): void {
    for (const split of splitNames) closeSync(this.#files[split].descriptor);
  }
}

export function tokenFileName(split: SplitName): string {
  return `${split}.bin`;
}

function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}
