import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeModel } from '../src/onnx/encode.ts';
import { cpu } from '../src/runtime/devices/cpu.ts';
import { OnnxRuntime, OnnxRuntimeError, onnxRuntime } from '../src/runtime/library.ts';
import { NativeSession } from '../src/runtime/native.ts';
import { emptyTensor, hostTensor } from '../src/runtime/tensor.ts';
import { livingNow } from './support/collected.ts';
import { random, useBackend } from './support/reference.ts';

beforeEach(async () => {
  await useBackend();
});

/** A session that adds two tensors of this shape. */
function additions(shape: readonly number[]): NativeSession {
  const names = ['a', 'b', 'sum'];
  const model = encodeModel({
    nodes: [{ op: 'Add', domain: '', attributes: {}, inputs: ['a', 'b'], outputs: ['sum'], origin: undefined }],
    inputs: ['a', 'b'],
    outputs: ['sum'],
    constants: new Map(),
    captured: new Map(),
    hidden: new Set(),
    tensors: new Map(names.map((name) => [name, { type: 'float32', shape }])),
  });
  return new NativeSession(model, ['a', 'b'], ['sum'], { providers: cpu.providers, logLevel: 4 });
}

describe('sessions', () => {
  // Up to 64 bytes V8 keeps an array's elements in its own heap, where they move, until somebody asks for their address.
  test.each([0, 1, 16, 17, 1000])('write %i elements over a given array', (length) => {
    const session = additions([length]);
    const terms = [1, 2].map((factor) =>
      hostTensor(
        'float32',
        Float32Array.from({ length }, (_, i) => factor * i),
        [length],
      ),
    );
    const sum = emptyTensor('float32', [length]);
    session.prepare(terms, [sum]).finish();
    session.dispose();
    expect(Array.from(sum.data, Number)).toEqual(Array.from({ length }, (_, index) => 3 * index));
  });

  test('make outputs of any shape themselves', async () => {
    const session = additions([3]);
    const { Value } = await livingNow();
    const terms = [1, 2].map((factor) => hostTensor('float32', Float32Array.of(factor, 0, -factor), [3]));
    expect(session.floats(terms)).toEqual([Float32Array.of(3, 0, -3)]);
    expect(onnxRuntime().living.Value).toBe(Value);
    session.dispose();
  });

  test('give errors by code, and release what a failed run made', async () => {
    const session = additions([4]);
    const before = await livingNow();
    const [right, wrong] = [emptyTensor('float32', [4]), emptyTensor('int32', [4])];
    const run = () => session.prepare([right, wrong], [right]).finish();
    expect(run).toThrow(OnnxRuntimeError);
    expect(run).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(onnxRuntime().living).toEqual(before);
    session.dispose();
    expect(() => new NativeSession(new Uint8Array(8), [], [], { logLevel: 4 })).toThrow(
      expect.objectContaining({ code: 'INVALID_PROTOBUF' }),
    );
  });

  test('that nobody has any more are released, and so is everything when a backend goes', async () => {
    const before = await livingNow();
    const x = random([64, 64]);
    for (let turn = 0; turn < 3; turn++) tf.tidy(() => tf.matMul(x, x).add(turn).dataSync());
    expect(onnxRuntime().living).toEqual({ ...before, Session: before.Session + 1 });
    tf.engine().backend.dispose();
    expect(onnxRuntime().living).toEqual(before);
  });
});

describe('the library', () => {
  test('that is missing, or no library, is one line', () => {
    expect(() => new OnnxRuntime('/nowhere/libonnxruntime.so')).toThrow(
      /^onnxruntime backend: \/nowhere\/libonnxruntime.so does not load \(.*\)$/,
    );
  });

  test('is one for a process', () => {
    expect(onnxRuntime(onnxRuntime().file)).toBe(onnxRuntime());
    expect(() => onnxRuntime('/elsewhere/libonnxruntime.so')).toThrow(/comes too late/);
  });
});
