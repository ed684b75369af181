import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@dynact/files';
import { type SplitName, splitNames, tokenFileName } from '../manifest.ts';
import { bytesPerId } from '../read/tokens.ts';
import { type TailShares, tailStarts } from '../text/tail.ts';
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
  cutTail(shares: TailShares): void {
    const { train } = this.#files;
    const total = train.tokens;
    const { validation: validationStart, test: testStart } = tailStarts(total, shares);
    this.#copy('train', 'validation', validationStart, testStart);
    this.#copy('train', 'test', testStart, total);
    ftruncateSync(train.descriptor, validationStart * this.#width);
    train.tokens = validationStart;
  }

  /**
   * Gives the first half of the held-out text to validation and the second half to test, where all of it is in one of
   * them: a single document is not shared out by its hash.
   * @returns whether it was so
   */
  halveHeldOut(): boolean {
    const { validation, test } = this.totals;
    const total = validation + test;
    if (total < 2 || (validation > 0 && test > 0)) return false;
    const from = validation > 0 ? 'validation' : 'test';
    const half = Math.ceil(total / 2);
    if (from === 'test') this.#copy('test', 'validation', 0, half);
    this.#copy(from, 'test', half, total);
    for (const split of ['validation', 'test'] as const) {
      const tokens = split === 'test' ? total - half : half;
      ftruncateSync(this.#files[split].descriptor, tokens * this.#width);
      this.#files[split].tokens = tokens;
    }
    return true;
  }

  /** To the beginning of `to`, which may be the same file: bytes only move towards the front. */
  #copy(from: SplitName, to: SplitName, start: number, end: number): void {
    const { [from]: source, [to]: target } = this.#files;
    const buffer = Buffer.allocUnsafe(copiedBytes);
    const stop = end * this.#width;
    for (let at = start * this.#width, written = 0; at < stop; ) {
      const read = readSync(source.descriptor, buffer, 0, Math.min(buffer.length, stop - at), at);
      if (read === 0) throw new InputError('busy', 'a token file has become shorter while it was made: try again');
      writeFully(target.descriptor, buffer.subarray(0, read), written);
      at += read;
      written += read;
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

function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}
