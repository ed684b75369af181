import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Crc32c } from '@aws-crypto/crc32c';
import { writeFileAtomic } from '@dynact/files';
import protobuf from 'protobufjs/light.js';
import type { MetricsRecord } from './records/schemas.ts';

/** One file a run; TensorBoard looks for `tfevents` in the name. */
const fileName = 'events.out.tfevents.0000000000.dynact';

/** The part of tensorflow/core/util/event.proto and framework/summary.proto that scalars and texts need. */
const eventType = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Value: {
      fields: {
        tag: { type: 'string', id: 1 },
        simpleValue: { type: 'float', id: 2 },
        tensor: { type: 'TensorProto', id: 8 },
        metadata: { type: 'SummaryMetadata', id: 9 },
      },
    },
    SummaryMetadata: { fields: { pluginData: { type: 'PluginData', id: 1 } } },
    PluginData: { fields: { pluginName: { type: 'string', id: 1 } } },
    TensorProto: {
      fields: {
        dtype: { type: 'int32', id: 1 },
        tensorShape: { type: 'TensorShapeProto', id: 2 },
        stringVal: { rule: 'repeated', type: 'bytes', id: 8 },
      },
    },
    TensorShapeProto: { fields: { dim: { rule: 'repeated', type: 'Dim', id: 2 } } },
    Dim: { fields: { size: { type: 'int64', id: 1 } } },
  },
}).lookupType('Event');

/** TensorFlow's DataType of strings. */
const stringType = 7;

/** The records of metrics.jsonl as a TensorBoard event file beside it. */
export class TensorBoardLog {
  readonly #descriptor: number;
  readonly #startedAt: number;
  #elapsedMs = 0;

  /**
   * @param records what metrics.jsonl holds already: the file is written anew from them, so a resumed run's is whole
   * @param startedAt wall-clock milliseconds of the run's start
   */
  constructor(directory: string, records: readonly MetricsRecord[], startedAt: number) {
    this.#startedAt = startedAt;
    const path = join(directory, fileName);
    const version = frame({ wallTime: startedAt / 1000, fileVersion: 'brain.Event:2' });
    writeFileAtomic(path, Buffer.concat([version, ...records.map((record) => this.#encode(record))]));
    this.#descriptor = openSync(path, 'a');
  }

  append(record: MetricsRecord): void {
    writeSync(this.#descriptor, this.#encode(record));
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

function valuesOf(record: MetricsRecord): object[] {
  switch (record.kind) {
    case 'train':
      return [
        scalar('train/loss', record.loss),
        scalar('train/learningRate', record.learningRate),
        scalar('train/gradientNorm', record.gradientNorm),
        scalar('train/tokensPerSecond', record.tokensPerSecond),
      ];
    case 'evaluation':
      return [
        scalar(`${record.split}/loss`, record.loss),
        ...Object.entries(record.metrics).map(([name, value]) => scalar(`${record.split}/${name}`, value)),
      ];
    case 'activation':
      // A parameter with one value per channel is as many curves; TensorBoard shows their mean.
      return [scalar(`activation/layer ${record.layer}/${record.name}`, mean(record.value))];
    case 'sample':
      return [text('sample', `${record.prompt}${record.text}`)];
    case 'diverged':
      return [text('diverged', record.parameter)];
  }
}

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

function mean(value: number | readonly number[]): number {
  return typeof value === 'number' ? value : value.reduce((sum, each) => sum + each, 0) / value.length;
}

/** A TFRecord: length, its checksum, the bytes, their checksum (tensorflow/core/lib/io/record_writer.h). */
function frame(event: object): Buffer {
  const bytes = eventType.encode(event).finish();
  const framed = Buffer.alloc(8 + 4 + bytes.length + 4);
  framed.writeBigUInt64LE(BigInt(bytes.length), 0);
  framed.writeUInt32LE(maskedChecksum(framed.subarray(0, 8)), 8);
  framed.set(bytes, 12);
  framed.writeUInt32LE(maskedChecksum(bytes), 12 + bytes.length);
  return framed;
}

/** Masked, because a checksum of bytes that contain checksums is weak. */
function maskedChecksum(bytes: Uint8Array): number {
  const checksum = new Crc32c().update(bytes).digest();
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}
