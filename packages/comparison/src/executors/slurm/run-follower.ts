import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { metricsRecordSchema } from '@dynact/runs/records';
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
  #latest = -1;

  constructor(directory: string, steps: number, onEvent: (event: TrainEvent) => void) {
    this.#path = join(directory, 'metrics.jsonl');
    this.#steps = steps;
    this.#onEvent = onEvent;
  }

  /** Tells of the records that are new. A run that went back to a checkpoint repeats nothing. */
  look(): void {
    for (const line of this.#newLines()) {
      const record = metricsRecordSchema.safeParse(safeJson(line)).data;
      if (record === undefined || record.step < this.#latest) continue;
      if (this.#latest < 0) this.#onEvent({ kind: 'start', step: Math.max(0, record.step - 1), steps: this.#steps });
      this.#latest = record.step;
      this.#onEvent({ kind: 'record', record, steps: this.#steps });
    }
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
      const { size } = fstatSync(descriptor);
      if (size < this.#offset) this.#offset = 0;
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

/** A log that was cut back and has grown since may be met in the middle of a line. */
function safeJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
