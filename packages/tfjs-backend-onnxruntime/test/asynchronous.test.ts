import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { compile, type OnnxRuntimeBackend } from '../src/index.ts';
import { onnxRuntime } from '../src/runtime/library.ts';
import { livingNow } from './support/collected.ts';
import { random, useBackend } from './support/reference.ts';

/** A product of two such matrices is a long run: JavaScript goes on meanwhile. */
const size = 512;
const shape: [number, number] = [size, size];

let backend: OnnxRuntimeBackend;
beforeEach(async () => {
  backend = await useBackend({ logging: 'fatal' });
});

/** Turns of a timer of 1 ms until a promise is settled. */
async function turnsUntil(promise: Promise<unknown>): Promise<number> {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  try {
    await promise;
  } finally {
    clearInterval(timer);
  }
  return turns;
}

const chain = (x: tf.Tensor, length: number): tf.Tensor => {
  let y = x;
  for (let index = 0; index < length; index++) y = tf.mul(tf.matMul(y, x), 1 / Math.sqrt(size));
  return y;
};

/** A function that picks a row of products, and counts its calls; an index beyond the rows fails inside the graph. */
function picker() {
  const count = tf.variable(tf.scalar(0));
  const weights = tf.variable(random(shape));
  const pick = compile((row: tf.Tensor) => {
    count.assign(tf.add(count, 1));
    weights.assign(tf.mul(tf.matMul(weights, weights), 0.01));
    return tf.gather(weights, row);
  });
  const call = (index: number) => pick(tf.tensor1d([index], 'int32'));
  // The first call records, and is put off like any other.
  call(0).dataSync();
  return { count, weights, call };
}

describe('data()', () => {
  test('lets timers go on during a long run, and gives what dataSync gives', async () => {
    const x = random(shape);
    const later = tf.tidy(() => chain(x, 40));
    expect(await turnsUntil(later.data())).toBeGreaterThan(5);
    const now = tf.tidy(() => chain(x, 40));
    expect(await later.data()).toEqual(now.dataSync());
  });

  test('of several tensors is one run, and dataSync in between waits for it', async () => {
    const x = random(shape);
    const [a, b] = [chain(x, 3), chain(x, 4)];
    const promises = [a.data(), b.data()];
    const c = tf.add(b, 1);
    const sum = tf.sum(tf.sub(c, b)).dataSync();
    expect(sum[0]).toBeCloseTo(size * size, 0);
    expect(await Promise.all(promises)).toEqual([a.dataSync(), b.dataSync()]);
    expect(backend.statistics.runs).toBe(2);
  });

  test('gives the elements of a tensor that is disposed of during the run, and leaves nothing', async () => {
    const x = random(shape);
    const expected = tf.tidy(() => chain(x, 2).dataSync());
    const { Value } = await livingNow();
    const tensors = tf.memory().numTensors;
    const y = tf.tidy(() => chain(x, 2));
    const promise = y.data();
    y.dispose();
    expect(await promise).toEqual(expected);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(onnxRuntime().living.Value).toBe(Value);
  });

  test('gives the error of the kernel that failed, and only to whoever needs it', async () => {
    const x = chain(random(shape), 2);
    const wrong = tf.gather(x, tf.add(tf.tensor1d([1], 'int32'), tf.scalar(size, 'int32')));
    const right = tf.sum(x);
    await expect(wrong.data()).rejects.toThrow(/GatherV2/);
    expect(await right.data()).toEqual(tf.sum(x).dataSync());
  });
});

describe('a compiled function of a long run', () => {
  test('is put off until somebody needs its results, in the order of calls', async () => {
    const { count, weights, call } = picker();
    const before = backend.statistics.runs;
    const first = call(1);
    expect(backend.statistics.runs).toBe(before);
    expect((await first.data()).length).toBe(size);
    call(2);
    call(3);
    expect(count.dataSync()[0]).toBe(4);
    expect(backend.statistics.runs).toBe(before + 3);
    expect(call(0).dataSync()).toEqual(weights.dataSync().slice(0, size));
  });

  test('may lose its inputs, results and variables meanwhile', async () => {
    const { count, weights, call } = picker();
    const result = call(1);
    const promise = result.data();
    result.dispose();
    weights.dispose();
    expect((await promise).length).toBe(size);
    expect(count.dataSync()[0]).toBe(2);
  });

  test('that fails rejects data(), and gives variables their elements back', async () => {
    const { count, weights, call } = picker();
    const clone = tf.clone(weights);
    const elements = weights.dataSync().slice();
    await expect(call(size).data()).rejects.toThrow(/GatherV2/);
    expect(count.dataSync()[0]).toBe(1);
    expect(weights.dataSync()).toEqual(elements);
    expect(clone.dataSync()).toEqual(elements);
    expect((await call(0).data()).length).toBe(size);
    expect(count.dataSync()[0]).toBe(2);
  });

  test('that fails unseen throws at the next call', () => {
    const { count, call } = picker();
    call(size);
    expect(() => call(0)).toThrow(/GatherV2/);
    expect(count.dataSync()[0]).toBe(1);
  });
});

test('the thread of runs loads nothing that NODE_OPTIONS names: what is for the program may be too large for it', () => {
  const program = fileURLToPath(new URL('support/reading.ts', import.meta.url));
  const preload = fileURLToPath(new URL('support/large-preload.cjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@dynact/source', '--import', 'tsx', program],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: `--require ${JSON.stringify(preload)}` },
      timeout: 60_000,
    },
  );
  expect([status, stdout.trim()], stderr).toEqual([0, '1 1']);
});

test.each(['exit', 'terminate'])('%s during a run on another thread ends cleanly', (how) => {
  const program = fileURLToPath(new URL('support/leaving.ts', import.meta.url));
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    ['--conditions=@dynact/source', '--import', 'tsx', program, how],
    { encoding: 'utf8' },
  );
  expect([status, signal, stdout.trim()]).toEqual([how === 'exit' ? 7 : 0, null, how]);
});
