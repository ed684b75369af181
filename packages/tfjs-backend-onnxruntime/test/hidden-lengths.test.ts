import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { peakInUse } from '../../../test/support/peak-in-use.ts';
import { compile } from '../src/index.ts';
import { random, useBackend } from './support/reference.ts';

const folder = mkdtempSync(join(tmpdir(), 'dynact-hidden-lengths-'));
let backend: Awaited<ReturnType<typeof useBackend>>;

beforeAll(async () => {
  backend = await useBackend({ profileFolder: folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

const [rows, columns, blocks] = [16, 4096, 16];

/** Two sweeps over the starts of a matrix, each with a length of its own: the second begins when the first has ended. */
function sweeps(x: tf.Tensor): tf.Tensor {
  const length = columns / blocks;
  const ends = Array.from({ length: blocks }, (_, index) => (index + 1) * length);
  const sweep = (of: tf.Tensor, after: tf.Tensor) =>
    ends.reduce((sum, end) => {
      const part = tf.sub(tf.slice(of, [0, 0], [rows, end]), sum);
      const padded = tf.add(
        part,
        tf.pad(tf.slice(part, [0, 0], [rows, length]), [
          [0, 0],
          [end - length, 0],
        ]),
      );
      return tf.mean(tf.exp(padded));
    }, after);
  return sweep(tf.neg(x), sweep(x, tf.scalar(0)));
}

test('work in blocks of many lengths computes the same, and holds memory of one block at a time', async () => {
  const x = tf.mul(random([rows, columns]), 0.01);
  await tf.setBackend('cpu');
  const expected = sweeps(x).dataSync()[0]!;
  await tf.setBackend('onnxruntime');
  const compiled = compile(sweeps);
  const results = [compiled(x), compiled(x)].map((result) => result.dataSync()[0]!);
  for (const result of results) expect(Math.abs(result / expected - 1)).toBeLessThan(1e-4);
  // A block needs some matrices of its size at a time. Those of all blocks, kept, are 26 times the largest.
  const largest = 4 * rows * columns;
  backend.profile();
  const peak = peakInUse(folder);
  expect(peak).toBeGreaterThan(largest);
  expect(peak).toBeLessThan(8 * largest);
});
