import { closeSync, constants, fsyncSync, ftruncateSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  firstIssue,
  InputError,
  syncDirectory,
  systemErrorCode,
  unwritable,
  writeFileAtomic,
  writeFully,
} from '@dynact/files';
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
    this.#descriptor = openOwn(path);
    // The name of a new log is durable as its records will be.
    syncDirectory(dirname(path));
    const bytes = readBytes(path);
    const complete = completeLength(bytes);
    if (complete < bytes.byteLength) ftruncateSync(this.#descriptor, complete);
  }

  /** Writes one record in one call. It survives the end of this process at once, a power cut after `sync`. */
  append(record: MetricsRecord): void {
    const line = Buffer.from(`${JSON.stringify(metricsRecordSchema.parse(record))}\n`);
    try {
      writeFully(this.#descriptor, line);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
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
      this.#descriptor = openOwn(this.#path);
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

/**
 * Opens a log for appending. Never what a link points at: the folder may be a stranger's.
 * @throws InputError when something else than a file has the name
 */
function openOwn(path: string): number {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status !== undefined && !status.isFile()) {
    throw new InputError('run-folder', `${path} is a link or no file; put a file in its place`);
  }
  // A second name of the same file, in a copy that was made of hard links, keeps what it holds.
  if (status !== undefined && status.nlink > 1) writeFileAtomic(path, readFileSync(path));
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants;
  return openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o666);
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
