import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { InputError, registerOnnxRuntimeBackend } from '../src/index.ts';
import { random, useBackend } from './support/reference.ts';

describe('debug mode', () => {
  // Indices that are pending cannot be checked when gather is called: ONNX Runtime fails later, inside the graph.
  const fail = () => tf.gather(random([3, 2]), tf.add(tf.tensor1d([0, 1], 'int32'), tf.scalar(70, 'int32'))).dataSync();

  test('names the kernel, its shapes and the line of the call of a graph that fails', async () => {
    await useBackend({ debug: true, logging: 'fatal' });
    expect(fail).toThrow(/^GatherV2\(\[3,2\], \[2\]\) at .*fail \(.*debug\.test\.ts:\d+:\d+\)/);
  });

  test('names kernel and shapes otherwise', async () => {
    await useBackend({ logging: 'fatal' });
    expect(fail).toThrow(/^GatherV2\(\[3,2\], \[2\]\): /);
  });

  test('computes the same', async () => {
    await useBackend({ debug: true });
    const x = random([4, 4]);
    expect(Array.from(tf.matMul(x, x, true).dataSync())[0]).toBeCloseTo(
      Array.from(x.dataSync()).reduce((sum, value, index) => (index % 4 === 0 ? sum + value * value : sum), 0),
      4,
    );
  });

  test('counts the calls that fell back, with their types and shapes', async () => {
    const backend = await useBackend({ debug: true });
    tf.unique(tf.tensor1d([1, 3, 2]));
    tf.unique(tf.tensor1d([1, 3, 2]));
    expect(backend.statistics.fallbacks).toEqual({ 'Unique(float32[3])': 2 });
  });
});

describe('profile', () => {
  /** Runs something with a folder of its own, and without profiling afterwards. */
  async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'profile-'));
    try {
      await run(folder);
    } finally {
      await useBackend();
      rmSync(folder, { recursive: true });
    }
  }

  test('adds up the time of every operator', async () => {
    await inFolder(async (folder) => {
      const backend = await useBackend({ profileFolder: folder });
      tf.matMul(random([300, 300]), random([300, 300])).dataSync();
      const rows = backend.profile();
      expect(rows.find(({ operator }) => operator === 'MatMul')).toMatchObject({ calls: 1 });
      expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
      expect(readdirSync(folder).length).toBe(1);
    });
  });

  test('leaves the traces of an earlier backend in the same folder out', async () => {
    await inFolder(async (folder) => {
      for (const expected of [1, 1]) {
        const backend = await useBackend({ profileFolder: folder });
        tf.matMul(random([300, 300]), random([300, 300])).dataSync();
        expect(backend.profile().find(({ operator }) => operator === 'MatMul')).toMatchObject({ calls: expected });
      }
      expect(readdirSync(folder).length).toBe(2);
    });
  });

  test('has the graphs that were released too', async () => {
    await inFolder(async (folder) => {
      const backend = await useBackend({ profileFolder: folder, graphs: 1 });
      for (const size of [200, 300]) tf.matMul(random([size, 300]), random([300, 300])).dataSync();
      expect(backend.profile().find(({ operator }) => operator === 'MatMul')).toMatchObject({ calls: 2 });
    });
  });

  test('says at once when the folder cannot be made', () => {
    const inside = join(import.meta.filename, 'profiles');
    expect(() => registerOnnxRuntimeBackend({ profileFolder: inside })).toThrow(/profileFolder .* cannot be made/);
  });

  test('says what is missing without a folder', async () => {
    const backend = await useBackend();
    expect(() => backend.profile()).toThrow(InputError);
  });
});
