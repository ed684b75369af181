import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { OnnxRuntimeBackend } from '../src/index.ts';
import { random, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend({ graphs: 4, pendingOperators: 50 });
});

describe('data ids', () => {
  test('counts tensors, buffers and bytes as tfjs does', () => {
    const before = tf.memory();
    const a = tf.tensor1d([1, 2, 3]);
    const reshaped = tf.reshape(a, [3, 1]);
    const copy = tf.clone(reshaped);
    expect(tf.memory().numTensors - before.numTensors).toBe(3);
    expect(tf.memory().numDataBuffers - before.numDataBuffers).toBe(1);
    expect(tf.memory().numBytes - before.numBytes).toBe(36);
    expect(backend.refCount(a.dataId)).toBe(3);
    a.dispose();
    expect(Array.from(copy.dataSync())).toEqual([1, 2, 3]);
    tf.dispose([reshaped, copy]);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  test('keeps reshaped pending tensors alive after the first is disposed', () => {
    const a = tf.add(tf.tensor1d([1, 2, 3, 4]), 1);
    const b = tf.reshape(a, [2, 2]);
    a.dispose();
    const c = tf.matMul(b as tf.Tensor2D, b as tf.Tensor2D);
    expect(Array.from(c.dataSync())).toEqual([16, 21, 28, 37]);
    expect(Array.from(b.dataSync())).toEqual([2, 3, 4, 5]);
    tf.dispose([b, c]);
  });

  test('copies what is written, because graphs run later', () => {
    const batch = Float32Array.of(1, 2);
    const doubled = tf.mul(tf.tensor1d(batch), 2);
    batch.fill(9);
    expect(Array.from(doubled.dataSync())).toEqual([2, 4]);
  });

  test('moves tensors between backends and keeps their values', async () => {
    const a = tf.add(tf.tensor1d([1, 2]), 1);
    await tf.setBackend('cpu');
    const b = tf.add(a, 1);
    expect(Array.from(b.dataSync())).toEqual([3, 4]);
    await tf.setBackend('onnxruntime');
    expect(Array.from(tf.add(b, a).dataSync())).toEqual([5, 7]);
  });

  test('keeps strings and complex numbers', () => {
    expect(tf.tensor1d(['a', 'b']).dataSync()).toEqual(['a', 'b']);
    const before = tf.memory().numTensors;
    const data = tf.tidy(() => tf.fft(tf.complex([1, 2, 3, 4], [0, 0, 0, 0])).dataSync());
    expect(Array.from(data).map(Math.round)).toEqual([10, 0, -2, 2, -2, 0, -2, -2]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the pending graph', () => {
  test('leaves nothing behind after a training loop', () => {
    const w = tf.variable(random([8, 8]));
    const step = () =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(tf.matMul(w, w))) as tf.Scalar, [w]);
        w.assign(tf.sub(w, tf.mul(grads[w.name] as tf.Tensor, 0.1)));
        return value.dataSync()[0];
      });
    step();
    const before = { tensors: tf.memory().numTensors, ids: backend.numDataIds() };
    const { compiled } = backend.statistics;
    for (let i = 0; i < 20; i++) step();
    expect({ tensors: tf.memory().numTensors, ids: backend.numDataIds() }).toEqual(before);
    // The second step may have another structure than the first; after that none is compiled.
    expect(backend.statistics.compiled - compiled).toBeLessThanOrEqual(1);
    w.dispose();
  });

  test('computes nothing that was disposed', () => {
    const a = random([4]);
    const { runs } = backend.statistics;
    tf.tidy(() => void tf.exp(tf.log(a)));
    backend.flush();
    expect(backend.statistics.runs).toBe(runs);
  });

  test('computes the others when one tensor cannot be computed', async () => {
    await useBackend({ logging: 'fatal' });
    const outside = tf.gather(random([3]), tf.add(tf.tensor1d([0], 'int32'), tf.scalar(70, 'int32')));
    const fine = tf.add(tf.scalar(1), 2);
    expect(Array.from(fine.dataSync())).toEqual([3]);
    expect(() => outside.dataSync()).toThrow(/^GatherV2/);
    expect(() => tf.neg(outside).dataSync()).toThrow(/^GatherV2/);
    expect(Array.from(tf.mul(fine, 2).dataSync())).toEqual([6]);
  });

  test('flushes itself when it is long, and stays right', () => {
    let x: tf.Tensor = tf.scalar(0);
    const { runs } = backend.statistics;
    for (let i = 0; i < 1000; i++) {
      const next = tf.add(x, 1);
      x.dispose();
      x = next;
    }
    expect(backend.statistics.runs - runs).toBeGreaterThan(15);
    expect(x.dataSync()[0]).toBe(1000);
  });

  test('compiles once per structure, not per value', () => {
    const f = (value: number, limit: number) =>
      tf.tidy(() => tf.clipByValue(tf.mul(tf.slice(tf.range(0, 9), [limit], [3]), value), 0, limit).dataSync());
    f(1, 2);
    const { compiled } = backend.statistics;
    expect(Array.from(f(2, 5))).toEqual([5, 5, 5]);
    expect(Array.from(f(0.5, 4))).toEqual([2, 2.5, 3]);
    expect(backend.statistics.compiled).toBe(compiled);
  });

  test('tells slices of other sizes apart, though starts and ends are fed', () => {
    const cut = (start: number, size: number) =>
      tf.tidy(() => Array.from(tf.neg(tf.slice(tf.range(0, 9), [start], [size])).dataSync()));
    expect(cut(2, 3)).toEqual([-2, -3, -4]);
    expect(cut(4, 2)).toEqual([-4, -5]);
    expect(cut(5, 3)).toEqual([-5, -6, -7]);
  });

  test('releases graphs beyond the limit and compiles them again when they return', () => {
    const run = (size: number) => tf.tidy(() => tf.sum(tf.exp(tf.zeros([size]))).dataSync()[0]);
    for (let size = 1; size <= 6; size++) expect(run(size)).toBeCloseTo(size);
    const { compiled } = backend.statistics;
    expect(run(6)).toBeCloseTo(6);
    expect(backend.statistics.compiled).toBe(compiled);
    expect(run(1)).toBeCloseTo(1);
    expect(backend.statistics.compiled).toBe(compiled + 1);
  });
});
