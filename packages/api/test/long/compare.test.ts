import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '@dynact/runs/records';
import { expect, test } from 'vitest';
import { run, userFolder } from '../support/user-folder.ts';

test('a comparison with a plugin, once more without training, a sample of it, and an error of one line', () => {
  const folder = userFolder();
  writeFileSync(
    join(folder, 'small-gate.ts'),
    `import { defineActivation } from '@dynact/activations';
     import * as tf from '@tensorflow/tfjs-core';
     defineActivation({ name: 'small-gate', parameters: { c: { initial: 1 } }, value: (x: tf.Tensor, { c }) => tf.mul(x, tf.tanh(tf.mul(c, x))) });`,
  );
  const result = JSON.parse(run(folder, new URL('../support/compare-child.ts', import.meta.url)));
  const comparison: Comparison = result.comparison;
  expect(comparison.variants.map(({ name, runs }) => [name, runs.length])).toEqual([
    ['swiglu', 2],
    ['small-gate', 2],
  ]);
  expect(comparison.paired.map(({ variant, baseline }) => [variant, baseline])).toContainEqual([
    'small-gate',
    'swiglu',
  ]);
  expect(result.first).toHaveLength(4);
  expect([result.again, result.later]).toEqual([comparison, []]);
  expect(result.text).toMatch(/^the.+/);
  expect(result.changed).toMatch(
    /other-gate-seed-0: this run is made with other-gate of .*, which is not given or has changed; /,
  );
  expect(result.refused).toBe('InputError: temperature: -1 is not a number of 0 or more');
}, 300_000);
