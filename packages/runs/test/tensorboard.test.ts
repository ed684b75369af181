import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import type { MetricsRecord } from '../src/records/schemas.ts';
import { TensorBoardLog } from '../src/tensorboard.ts';

/** As TensorFlow's own files write it. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
  message Summary { repeated Value value = 1; }
  message Value { string tag = 1; float simple_value = 2; Tensor tensor = 8; Metadata metadata = 9; }
  message Metadata { Plugin plugin_data = 1; }
  message Plugin { string plugin_name = 1; }
  message Tensor { int32 dtype = 1; Shape tensor_shape = 2; repeated bytes string_val = 8; }
  message Shape { repeated Dim dim = 2; }
  message Dim { int64 size = 1; }
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

function readEvents(folder: string): Record<string, unknown>[] {
  const [name] = readdirSync(folder).filter((file) => file.includes('tfevents'));
  const bytes = readFileSync(join(folder, name!));
  const events: Record<string, unknown>[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(masked(bytes.subarray(at, at + 8)));
    const content = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(masked(content));
    events.push(root.lookupType('Event').decode(content).toJSON());
    at += 16 + length;
  }
  return events;
}

const train = (step: number): MetricsRecord => ({
  kind: 'train',
  step,
  tokens: 10 * step,
  loss: 2.5,
  learningRate: 0.25,
  gradientNorm: 1.5,
  tokensPerSecond: 1000,
  elapsedMs: 500 * step,
});

describe('the TensorBoard file', () => {
  test('holds every record as scalars and texts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dynact-tensorboard-'));
    const log = new TensorBoardLog(folder, [], 1_000_000);
    log.append(train(1));
    const point = { tokens: 10, loss: 2, metrics: { perplexity: 7.5, bitsPerByte: 1.25 }, elapsedMs: 900 };
    log.append({ kind: 'evaluation', step: 1, split: 'validation', ...point });
    log.append({ kind: 'activation', step: 1, layer: 3, name: 'alpha', value: [1, 2] });
    log.append({ kind: 'sample', step: 1, prompt: 'Emma', text: ' said' });
    log.close();
    const events = readEvents(folder);
    expect(events[0]).toEqual({ wallTime: 1000, fileVersion: 'brain.Event:2' });
    const value = (tag: string, simpleValue: number) => ({ tag, simpleValue });
    expect(events[1]).toEqual({
      wallTime: 1000.5,
      step: '1',
      summary: {
        value: [
          value('train/loss', 2.5),
          value('train/learningRate', 0.25),
          value('train/gradientNorm', 1.5),
          value('train/tokensPerSecond', 1000),
        ],
      },
    });
    expect(events[2]).toMatchObject({
      wallTime: 1000.9,
      summary: { value: [{}, value('validation/perplexity', 7.5), {}] },
    });
    expect(events[3]).toMatchObject({ summary: { value: [value('activation/layer 3/alpha', 1.5)] } });
    expect(events[4]).toMatchObject({
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

  test('opened again holds the records of the log and no others', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dynact-tensorboard-'));
    const first = new TensorBoardLog(folder, [], 0);
    for (const step of [1, 2, 3]) first.append(train(step));
    first.close();
    const second = new TensorBoardLog(folder, [train(1), train(2)], 0);
    second.append(train(3));
    second.close();
    expect(readEvents(folder).map(({ step }) => step)).toEqual([undefined, '1', '2', '3']);
  });
});
