import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { type OnnxRuntimeBackend, registerOnnxRuntimeBackend } from '../../src/index.ts';

/** The backend under test, active, with two threads. */
export async function useBackend(options: Parameters<typeof registerOnnxRuntimeBackend>[0] = {}) {
  registerOnnxRuntimeBackend({ threads: 2, ...options });
  await tf.setBackend('onnxruntime');
  return tf.engine().backend as OnnxRuntimeBackend;
}

export interface Plain {
  shape: number[];
  dtype: string;
  values: number[];
}

/** Computes on one backend and brings the results to JavaScript. */
export async function computeOn(backend: string, run: () => tf.Tensor | tf.Tensor[]): Promise<Plain[]> {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const results = run();
    return (Array.isArray(results) ? results : [results]).map((tensor) => ({
      shape: tensor.shape,
      dtype: tensor.dtype,
      values: Array.from(tensor.dataSync()),
    }));
  });
}

/** Asserts that this backend computes what tfjs-backend-cpu computes: shapes, types, and |a - b| <= tolerance (1 + |b|). */
export async function expectSameAsCpu(run: () => tf.Tensor | tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const expected = await computeOn('cpu', run);
  const actual = await computeOn('onnxruntime', run);
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  for (const [index, { values }] of expected.entries()) {
    const ours = (actual[index] as Plain).values;
    const wrong = values.findIndex((value, at) => {
      const other = ours[at] as number;
      return (
        !Object.is(other, value) && other !== value && !(Math.abs(other - value) <= tolerance * (1 + Math.abs(value)))
      );
    });
    if (wrong >= 0) expect.fail(`result ${index} at ${wrong}: ${ours[wrong]} instead of ${values[wrong]}`);
  }
}

/** Uniform numbers that are the same at every call with the same seed. */
export function random(shape: number[], low = -2, high = 2, seed = 7): tf.Tensor {
  return tf.randomUniform(shape, low, high, 'float32', seed);
}

export function randomIntegers(shape: number[], low: number, high: number, seed = 7): tf.Tensor {
  const floats = tf.randomUniform(shape, low, high, 'float32', seed).dataSync();
  return tf.tensor(Int32Array.from(floats, Math.floor), shape, 'int32');
}
