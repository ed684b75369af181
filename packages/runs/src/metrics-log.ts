import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { firstIssue, InputError, systemErrorCode, writeFileAtomic, writeFully } from '@dynact/files';
import { type MetricsRecord, metricsRecordSchema } from './records/schemas.ts';

const lineBreak = 0x0a;

/** The records of a metrics.jsonl file. A last line without a line break (a write that was cut off) is left out. */
export function readMetrics(path: string): MetricsRecord[] {
  const bytes = readBytes(path);
  const lines = bytes.subarray(0, completeLength(bytes)).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line, index) => parseLine(line, `${path} line ${index + 1}`));
}

/** A metrics.jsonl file open for appending. A kill leaves at worst one torn last line, which the next opening cuts off. */
export class MetricsLog {
  readonly #path: string;
  #descriptor: number;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'a');
    const bytes = readBytes(path);
    const complete = completeLength(bytes);
    if (complete < bytes.byteLength) ftruncateSync(this.#descriptor, complete);
  }

  /** Writes one record in one call. It survives the end of this process at once, a power cut after `sync`. */
  append(record: MetricsRecord): void {
    writeFully(this.#descriptor, Buffer.from(`${JSON.stringify(metricsRecordSchema.parse(record))}\n`));
  }

  records(): MetricsRecord[] {
    return readMetrics(this.#path);
  }

  /** Drops every record after `step`, at once for any reader. */
  truncateAfter(step: number): void {
    const kept = this.records().filter((record) => record.step <= step);
    // Closed first, because Windows does not replace an open file; opened again whatever happens in between.
    closeSync(this.#descriptor);
    try {
      writeFileAtomic(this.#path, kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
    } finally {
      this.#descriptor = openSync(this.#path, 'a');
    }
  }

  sync(): void {
    fsyncSync(this.#descriptor);
  }

  /** May be called more than once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

function completeLength(bytes: Uint8Array): number {
  return bytes.lastIndexOf(lineBreak) + 1;
}

function parseLine(line: string, where: string): MetricsRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new InputError('run-folder', `${where} is not JSON; remove that line`);
  }
  const parsed = metricsRecordSchema.safeParse(value);
  if (!parsed.success)
    throw new InputError('run-folder', `${where}: ${firstIssue(parsed.error)}; remove or mend that line`);
  return parsed.data;
}
