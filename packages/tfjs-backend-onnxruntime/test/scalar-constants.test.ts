import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { compile, registerOnnxRuntimeBackend } from '../src/index.ts';

beforeAll(async () => {
  registerOnnxRuntimeBackend({ threads: 2 });
  await tf.setBackend('onnxruntime');
});

test('zeros and ones of a scalar can be read', () => {
  expect([...tf.zerosLike(tf.scalar(3)).dataSync(), ...tf.onesLike(tf.scalar(3)).dataSync()]).toEqual([0, 1]);
});

test('a compiled function resets a scalar variable', () => {
  const total = tf.variable(tf.scalar(0), false);
  const addAndReset = compile((x: tf.Tensor) =>
    tf.tidy(() => {
      const sum = tf.add(total, x);
      total.assign(tf.zerosLike(total));
      return sum;
    }),
  );
  for (const value of [2, 5]) {
    total.assign(tf.scalar(10));
    expect((addAndReset(tf.scalar(value)) as tf.Tensor).dataSync()[0]).toBe(10 + value);
    expect(total.dataSync()[0]).toBe(0);
  }
});
