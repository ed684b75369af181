import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type MetricsRecord, metricsRecordSchema } from '@dynact/runs/records';
import type { TrainEvent } from '@dynact/training';

/**
 * Tells of a run that another machine trains. The log is opened anew each time: on a shared file system nothing else shows
 * what another machine wrote.
 */
export class RunFollower {
  readonly #path: string;
  readonly #steps: number;
  readonly #onEvent: (event: TrainEvent) => void;
  #offset = 0;
  #inode = 0;
  /** Whether the last reading began at the start of a log again. */
  #isAnew = false;
  /** The step of the newest record; undefined before the first. */
  #latest: number | undefined;
  #hasBegun = false;

  constructor(directory: string, steps: number, onEvent: (event: TrainEvent) => void) {
    this.#path = join(directory, 'metrics.jsonl');
    this.#steps = steps;
    this.#onEvent = onEvent;
    this.#latest = this.#newRecords().at(-1)?.step;
  }

  /** Tells of the records since the last look. A run that went back to a checkpoint repeats nothing. */
  look(): void {
    const records = this.#newRecords();
    const latest = this.#latest ?? -1;
    // A log from its start again has the newest step of before once more; one that grew may have more of it.
    const told = this.#isAnew ? latest : latest - 1;
    for (const record of records.filter(({ step }) => step > told)) {
      if (!this.#hasBegun) this.#onEvent({ kind: 'start', step: this.#latest ?? 0, steps: this.#steps });
      this.#hasBegun = true;
      this.#latest = record.step;
      this.#onEvent({ kind: 'record', record, steps: this.#steps });
    }
  }

  #newRecords(): MetricsRecord[] {
    // A log that was cut back and has grown since may be met in the middle of a line.
    return this.#newLines().flatMap((line) => metricsRecordSchema.safeParse(jsonOrNothing(line)).data ?? []);
  }

  #newLines(): string[] {
    let descriptor: number;
    try {
      descriptor = openSync(this.#path, 'r');
    } catch {
      // It has not begun.
      return [];
    }
    try {
      const { size, ino } = fstatSync(descriptor);
      // One that was cut back by a resume is another file, perhaps a longer one by now.
      this.#isAnew = size < this.#offset || ino !== this.#inode;
      if (this.#isAnew) this.#offset = 0;
      this.#inode = ino;
      const bytes = Buffer.alloc(size - this.#offset);
      const read = readSync(descriptor, bytes, 0, bytes.length, this.#offset);
      const complete = bytes.subarray(0, read).lastIndexOf('\n') + 1;
      this.#offset += complete;
      return String(bytes.subarray(0, complete)).split('\n').slice(0, -1);
    } finally {
      closeSync(descriptor);
    }
  }
}

function jsonOrNothing(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
