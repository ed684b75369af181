import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import { backendVersions, InputError, registerOnnxRuntimeBackend } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';

afterEach(() => registerOnnxRuntimeBackend());

describe('options', () => {
  test.each([
    [{ threads: 0 }, /threads is 0/],
    [{ threads: 1.5 }, /threads is 1.5/],
    [{ threads: 100_000 }, /threads is 100000; it must be a whole number of at least 1 and at most 1024/],
    [{ threads: Number.POSITIVE_INFINITY }, /threads is Infinity/],
    [{ graphs: -1 }, /graphs is -1/],
    [{ device: 'tpu' as never }, /device is "tpu"; it must be one of cpu, webgpu, cuda, cuda:1, cuda:2, \.\.\.$/],
    [{ device: 'cuda:-1' as never }, /device is "cuda:-1"/],
    [{ tf32: 'yes' as never }, /tf32 must be true or false/],
    [{ thread: 1 } as never, /unknown option "thread"/],
    [{ debug: 1 as never }, /debug must be true or false/],
  ])('refuses %j', (options, message) => {
    expect(() => registerOnnxRuntimeBackend(options)).toThrow(InputError);
    expect(() => registerOnnxRuntimeBackend(options)).toThrow(message);
  });

  test('logs warnings on the cpu, and errors on another device', () => {
    expect(resolveOptions().logging).toBe('warning');
    expect(resolveOptions({ device: 'webgpu' }).logging).toBe('error');
    expect(resolveOptions({ device: 'webgpu', logging: 'info' }).logging).toBe('info');
  });

  test('uses the available cores by default, and others when registered again', async () => {
    await tf.setBackend('onnxruntime');
    expect(backendVersions()).toMatchObject({ threads: availableParallelism(), device: 'cpu', onnxruntime: '1.30.0' });
    const kept = tf.add(tf.tensor1d([1, 2]), 1);
    registerOnnxRuntimeBackend({ threads: 1 });
    expect(tf.getBackend()).toBe('onnxruntime');
    expect(backendVersions().threads).toBe(1);
    expect(Array.from(tf.mul(kept, 2).dataSync())).toEqual([4, 6]);
  });
});
