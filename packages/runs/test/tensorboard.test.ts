import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { createRunFolder, type RunFolder, TensorBoardLog } from '../src/index.ts';
import type { TrainRecord } from '../src/records/index.ts';
import { runConfig } from './support/values.ts';

/** As TensorFlow's own files write it. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; } }
  message SessionLog { enum Status { NONE = 0; START = 1; } Status status = 1; }
  message Summary { repeated Value value = 1; }
  message Value { string tag = 1; oneof value { float simple_value = 2; Tensor tensor = 8; } Metadata metadata = 9; }
  message Metadata { Plugin plugin_data = 1; }
  message Plugin { string plugin_name = 1; bytes content = 2; }
  message Tensor { int32 dtype = 1; Shape tensor_shape = 2; repeated bytes string_val = 8; }
  message Shape { repeated Dim dim = 2; }
  message Dim { int64 size = 1; }
  message HParamsPluginData { SessionStartInfo session_start_info = 3; }
  message SessionStartInfo { map<string, HParam> hparams = 1; double start_time_secs = 5; }
  message HParam { oneof kind { double number_value = 2; string string_value = 3; bool bool_value = 4; } }
`);

/** CRC-32C bit by bit, from its definition (RFC 3720, appendix B.4). */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function masked(bytes: Uint8Array): number {
  const crc = checksum(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const events = (folder: string) => readdirSync(folder).filter((file) => file.includes('tfevents'));

function readEvents(folder: string): Record<string, unknown>[] {
  const bytes = readFileSync(join(folder, events(folder)[0]!));
  const found: Record<string, unknown>[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(masked(bytes.subarray(at, at + 8)));
    const content = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(masked(content));
    found.push(root.lookupType('Event').decode(content).toJSON());
    at += 16 + length;
  }
  return found;
}

const train = (step: number): TrainRecord => ({
  kind: 'train',
  step,
  tokens: 10 * step,
  loss: 2.5,
  learningRate: 0.25,
  gradientNorm: 1.5,
  tokensPerSecond: 1000,
  elapsedMs: 500 * step,
});

function newRun(name = 'run'): RunFolder {
  return createRunFolder(join(temporaryFolder(), name), {
    ...runConfig,
    config: {
      seed: 3,
      model: { width: 0, tieEmbeddings: true, feedForward: { kind: 'swiglu' } },
      training: { sample: null, steps: [1] },
    },
  });
}

describe('the TensorBoard file', () => {
  test('holds every record as scalars and texts', () => {
    const run = newRun();
    const log = new TensorBoardLog(run, 1_000_000);
    log.append({ ...train(1), exchangeMs: 12.5, copyMs: 0.25 });
    const point = { tokens: 10, loss: 2, metrics: { perplexity: 7.5, bitsPerByte: 1.25 }, elapsedMs: 900 };
    log.append({ kind: 'evaluation', step: 1, split: 'validation', ...point });
    log.append({ kind: 'activation', step: 1, layer: 3, name: 'alpha', value: [1, 2] });
    log.append({ kind: 'sample', step: 1, prompt: 'Emma', text: ' said' });
    log.close();
    run.close();
    const [version, start, _hparams, training, evaluation, activation, sample] = readEvents(run.directory);
    expect(version).toEqual({ wallTime: 1000, fileVersion: 'brain.Event:2' });
    expect(start).toEqual({ wallTime: 1000, sessionLog: { status: 'START' } });
    const value = (tag: string, simpleValue: number) => ({ tag, simpleValue });
    expect(training).toEqual({
      wallTime: 1000.5,
      step: '1',
      summary: {
        value: [
          value('train/loss', 2.5),
          value('train/learningRate', 0.25),
          value('train/gradientNorm', 1.5),
          value('train/tokensPerSecond', 1000),
          value('train/exchangeMs', 12.5),
          value('train/copyMs', 0.25),
        ],
      },
    });
    expect(evaluation).toMatchObject({
      wallTime: 1000.9,
      summary: { value: [{}, value('validation/perplexity', 7.5), {}] },
    });
    expect(activation).toMatchObject({ summary: { value: [value('activation/layer 3/alpha', 1.5)] } });
    expect(sample).toMatchObject({
      summary: {
        value: [
          {
            tag: 'sample',
            metadata: { pluginData: { pluginName: 'text' } },
            tensor: { dtype: 7, tensorShape: { dim: [{ size: '1' }] }, stringVal: [btoa('Emma said')] },
          },
        ],
      },
    });
  });

  test('writes a scalar of 0: TensorBoard drops a tag whose first value is missing', () => {
    const run = newRun();
    const log = new TensorBoardLog(run, 0);
    log.append({ kind: 'activation', step: 0, layer: 0, name: 'beta', value: 0 });
    log.close();
    run.close();
    // simple_value (field 2, 32 bits) of 0 after the tag.
    const bytes = readFileSync(join(run.directory, events(run.directory)[0]!));
    expect(bytes.includes(Buffer.concat([Buffer.from('layer 0/beta'), Buffer.from([0x15, 0, 0, 0, 0])]))).toBe(true);
  });

  test('opened again it is a new file, the only one, that begins a session and holds the records of the log', () => {
    const run = newRun();
    const first = new TensorBoardLog(run, 0);
    for (const step of [1, 2, 3]) {
      run.append(train(step));
      first.append(train(step));
    }
    first.close();
    const [before] = events(run.directory);
    run.truncateAfter(2);
    const second = new TensorBoardLog(run, 0);
    second.append(train(3));
    second.close();
    run.close();
    const after = events(run.directory);
    expect(after).toHaveLength(1);
    expect(after[0]! > before!).toBe(true);
    const [, start, , ...records] = readEvents(run.directory);
    expect(start).toMatchObject({ sessionLog: { status: 'START' } });
    expect(records.map(({ step }) => step)).toEqual(['1', '2', '3']);
  });

  test('has the variant and every setting for the table of hyperparameters', () => {
    const run = newRun('dyn-act-seed-3');
    new TensorBoardLog(run, 5000).close();
    run.close();
    const [, , hparams] = readEvents(run.directory);
    const [{ tag, metadata }] = (
      hparams as unknown as {
        summary: { value: [{ tag: string; metadata: { pluginData: { pluginName: string; content: string } } }] };
      }
    ).summary.value;
    expect([tag, metadata.pluginData.pluginName]).toEqual(['_hparams_/session_start_info', 'hparams']);
    const content = root.lookupType('HParamsPluginData').decode(Buffer.from(metadata.pluginData.content, 'base64'));
    expect(content.toJSON()).toEqual({
      sessionStartInfo: {
        startTimeSecs: 5,
        hparams: {
          variant: { stringValue: 'dyn-act' },
          seed: { numberValue: 3 },
          'model.width': { numberValue: 0 },
          'model.tieEmbeddings': { boolValue: true },
          'model.feedForward.kind': { stringValue: 'swiglu' },
          'training.sample': { stringValue: 'null' },
          'training.steps': { stringValue: '[1]' },
        },
      },
    });
  });
});
