import { closeSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unwritable, writeFileAtomic, writeFully } from '@dynact/files';
import { crc32c } from './crc32c.ts';
import { encodeEvent, encodeHParams, sessionStart } from './event-messages.ts';
import { activationMean } from './records/activation-mean.ts';
import { trainFigures } from './records/long-table.ts';
import { parseRunFolderName } from './records/run-folder-name.ts';
import type { EvaluationRecord, MetricsRecord } from './records/schemas.ts';
import type { RunReader } from './run-reader.ts';

/** One file at a time; TensorBoard looks for `tfevents` in the name and reads the files of a folder in the order of their names. */
const fileName = /^events\.out\.tfevents\.(\d{10})\.dynact$/;

type LoggedRun = Pick<RunReader, 'directory' | 'config' | 'records'>;

/**
 * The records of metrics.jsonl as a TensorBoard event file beside it. Each opening writes the whole history into a file with
 * the next name, which begins with the start of a session, and deletes the one before: a TensorBoard that is open keeps
 * reading a replaced file, but goes on to a later one and forgets what the session overrides.
 */
export class TensorBoardLog {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #startedAt: number;
  #elapsedMs = 0;

  /**
   * @param run its log has been cut back already
   * @param startedAt wall-clock milliseconds of the run's start
   */
  constructor(run: LoggedRun, startedAt: number) {
    this.#startedAt = startedAt;
    const { directory } = run;
    const before = readdirSync(directory).filter((name) => fileName.test(name));
    const numbers = before.map((name) => 1 + Number(fileName.exec(name)?.[1]));
    const next = String(Math.max(0, ...numbers)).padStart(10, '0');
    this.#path = join(directory, `events.out.tfevents.${next}.dynact`);
    const wallTime = startedAt / 1000;
    const head = [
      { wallTime, fileVersion: 'brain.Event:2' },
      { wallTime, sessionLog: { status: sessionStart } },
      { wallTime, summary: { value: [hyperparameters(run, wallTime)] } },
    ];
    writeFileAtomic(
      this.#path,
      Buffer.concat([...head.map(frame), ...run.records().map((record) => this.#encode(record))]),
    );
    for (const name of before) rmSync(join(directory, name), { force: true });
    this.#descriptor = openSync(this.#path, 'a');
  }

  /** @throws InputError where the disk does not take it */
  append(record: MetricsRecord): void {
    try {
      writeFully(this.#descriptor, this.#encode(record));
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #encode(record: MetricsRecord): Uint8Array {
    if ('elapsedMs' in record) this.#elapsedMs = record.elapsedMs;
    const value = valuesOf(record);
    if (value.length === 0) return new Uint8Array();
    return frame({ wallTime: (this.#startedAt + this.#elapsedMs) / 1000, step: record.step, summary: { value } });
  }
}

/**
 * The session of TensorBoard's HParams table: every leaf of the configuration, and the variant, after which a comparison
 * names the folders of its runs.
 */
function hyperparameters({ directory, config }: LoggedRun, startTimeSecs: number): object {
  const { comparison: _, ...decisive } = config.config;
  const name = basename(directory);
  const hparams = { variant: parseRunFolderName(name)?.variant ?? name, ...leaves(decisive) };
  return {
    tag: '_hparams_/session_start_info',
    metadata: { pluginData: { pluginName: 'hparams', content: encodeHParams(hparams, startTimeSecs) } },
    // The plugin's own writer puts an empty number here.
    tensor: { dtype: floatType, tensorShape: { dim: [{ size: 1 }] }, floatVal: [0] },
  };
}

/** `{ model: { width: 8 } }` as `{ 'model.width': 8 }`. */
function leaves(value: object, path = ''): Record<string, unknown> {
  const entries = Object.entries(value).map(([key, entry]) => {
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) return leaves(entry, `${path}${key}.`);
    return { [`${path}${key}`]: entry };
  });
  return Object.assign({}, ...entries);
}

function valuesOf(record: MetricsRecord): object[] {
  switch (record.kind) {
    case 'train':
      return trainFigures(record).map(([name, value]) => scalar(`train/${name}`, value));
    case 'evaluation':
      return evaluationScalars(record.split, record);
    case 'whole-split':
      return evaluationScalars(`${record.split} (whole split)`, record);
    case 'activation':
      // A parameter with one value per channel is as many curves; TensorBoard shows their mean.
      return [scalar(`activation/layer ${record.layer}/${record.name}`, activationMean(record))];
    case 'sample':
      return [text('sample', `${record.prompt}${record.text}`)];
    case 'stretch':
      return [text('stretch', `${record.steps} steps from here on; the learning rate: ${record.schedule}`)];
    case 'diverged':
      return [text('diverged', record.parameter)];
  }
}

function evaluationScalars(of: string, { loss, metrics }: Pick<EvaluationRecord, 'loss' | 'metrics'>): object[] {
  return Object.entries({ loss, ...metrics }).map(([name, value]) => scalar(`${of}/${name}`, value));
}

/** TensorFlow's DataTypes. */
const [floatType, stringType] = [1, 7];

function scalar(tag: string, simpleValue: number): object {
  return { tag, simpleValue };
}

function text(tag: string, content: string): object {
  return {
    tag,
    metadata: { pluginData: { pluginName: 'text' } },
    tensor: { dtype: stringType, tensorShape: { dim: [{ size: 1 }] }, stringVal: [Buffer.from(content)] },
  };
}

/** A TFRecord: length, its checksum, the bytes, their checksum (tensorflow/core/lib/io/record_writer.h). */
function frame(event: object): Buffer {
  const bytes = encodeEvent(event);
  const framed = Buffer.alloc(8 + 4 + bytes.length + 4);
  framed.writeBigUInt64LE(BigInt(bytes.length), 0);
  framed.writeUInt32LE(maskedChecksum(framed.subarray(0, 8)), 8);
  framed.set(bytes, 12);
  framed.writeUInt32LE(maskedChecksum(bytes), 12 + bytes.length);
  return framed;
}

/** Masked, because a checksum of bytes that contain checksums is weak. */
function maskedChecksum(bytes: Uint8Array): number {
  const checksum = crc32c(bytes);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}
