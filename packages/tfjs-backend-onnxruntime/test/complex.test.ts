import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { expectSameAsCpu, random, randomIntegers, useBackend } from './support/reference.ts';

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend();
});

const pair = () => tf.complex(tf.square(random([3, 4])), random([3, 4], -2, 2, 3));

describe('complex numbers', () => {
  test('are put together and taken apart', async () => {
    await expectSameAsCpu(() => [pair(), tf.real(pair()), tf.imag(pair())], 0);
    await expectSameAsCpu(() => tf.complex(randomIntegers([5], -3, 4), randomIntegers([5], -3, 4, 3)), 0);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('have a magnitude, also where a square would overflow', async () => {
    const parts = [0, -0, 3, -4, 1e30, -3e38, 1e-40, Infinity, -Infinity, NaN];
    const grid = (axis: 0 | 1) => tf.broadcastTo(tf.expandDims(tf.tensor1d(parts), axis), [10, 10]);
    await expectSameAsCpu(() => [tf.abs(pair()), tf.abs(tf.complex(grid(0), grid(1)))], 3e-7);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('keep their parts when those are disposed, and the other way round', () => {
    const before = { ...tf.memory(), ids: backend.numDataIds() };
    const [real, imaginary] = [tf.tidy(() => tf.add(random([300]), 1)), random([300])];
    const expected = Array.from(real.dataSync());
    const both = tf.complex(real, imaginary);
    tf.dispose([real, imaginary]);
    const again = tf.real(both);
    both.dispose();
    expect(Array.from(again.dataSync())).toEqual(expected);
    again.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(backend.numDataIds()).toBe(before.ids);
  });

  test('stay inside a compiled graph', () => {
    const f = (x: tf.Tensor) => tf.abs(tf.complex(x, tf.mul(x, 2)));
    expect(Array.from(compile(f)(random([9])).dataSync())).toEqual(Array.from(f(random([9])).dataSync()));
  });

  test('keep their numbers under another shape', async () => {
    const reshaped = () => tf.expandDims(tf.reshape(pair(), [2, 6]), 1);
    await expectSameAsCpu(() => [reshaped(), tf.clone(reshaped()), tf.imag(reshaped()), tf.abs(reshaped())], 3e-7);
    expect(backend.statistics.fallbacks).toEqual({});
    // A kernel of tfjs-cpu is given the new shape as well.
    await expectSameAsCpu(() => tf.concat([reshaped(), reshaped()], 1), 0);
    expect(backend.statistics.fallbacks).toEqual({ Concat: 1 });
  });
});

const signal = (length: number) => tf.complex(random([3, length]), random([3, length], -2, 2, 3));

describe('Fourier transforms', () => {
  test.each([1, 2, 8, 128])('of %s numbers', async (length) => {
    await expectSameAsCpu(() => [tf.fft(signal(length)), tf.ifft(signal(length)), tf.ifft(tf.fft(signal(length)))]);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('of the largest numbers and NaN, and not finite where tfjs is not', async () => {
    const transform = (values: number[]) => tf.fft(tf.complex(tf.tensor1d(values), tf.zeros([values.length])));
    await expectSameAsCpu(() => [transform([1, Number.NaN, 2, 3]), transform([3e38, 7, 0, 0])]);
    await expectSameAsCpu(() => {
      const infinite = transform([1, 2, 3, Number.POSITIVE_INFINITY, 5, 6, 7, 8]);
      return [tf.isFinite(tf.real(infinite)), tf.isFinite(tf.imag(infinite))];
    });
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('of other lengths than powers of two on tfjs-cpu', async () => {
    await expectSameAsCpu(() => [tf.fft(signal(100)), tf.ifft(signal(7))], 0);
    expect(backend.statistics.fallbacks).toEqual({ FFT: 1, IFFT: 1 });
  });

  test('of real numbers and of frames, whose results are slices of them', async () => {
    const sound = () => random([1000]) as tf.Tensor1D;
    await expectSameAsCpu(() => [
      tf.spectral.rfft(random([2, 3, 16])),
      tf.spectral.irfft(tf.spectral.rfft(random([2, 16]))),
      tf.abs(tf.signal.stft(sound(), 128, 64)),
    ]);
    expect(backend.statistics.fallbacks).toEqual({});
  });

  test('inside compile', () => {
    const f = (x: tf.Tensor) => tf.abs(tf.spectral.rfft(tf.mul(x, 2)));
    expect(Array.from(compile(f)(random([4, 32])).dataSync())).toEqual(Array.from(f(random([4, 32])).dataSync()));
  });
});
