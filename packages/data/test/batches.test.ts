import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@dynact/files';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEvaluationWindows, createTrainingBatches, joinedWindows, type TokenFile } from '../src/index.ts';
import { createPermutation } from '../src/read/permutation.ts';
import { openTokenFile } from '../src/read/token-file.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'dynact-batches-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A token file that holds 0, 1, 2, ..., so that an id says where it stands. */
function countingFile(length: number, vocabularySize = 60_000): TokenFile {
  const path = join(directory, `${length}-${vocabularySize}.bin`);
  const ids = Array.from({ length }, (_, i) => i);
  const bytes = vocabularySize > 65_535 ? new Uint32Array(ids) : new Uint16Array(ids);
  writeFileSync(path, bytes);
  return openTokenFile(path, vocabularySize);
}

describe('the permutation', () => {
  test('meets every index once, whatever the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.string(), (size, key) => {
        const permutation = createPermutation(size, key);
        const seen = new Set(Array.from({ length: size }, (_, i) => permutation(i)));
        expect(seen.size).toBe(size);
        expect(Math.max(...seen)).toBe(size - 1);
      }),
      { numRuns: 100 },
    );
  });

  test('neither keeps neighbors together nor favors places', () => {
    const size = 100_000;
    const permutation = createPermutation(size, 'some key');
    const order = Array.from({ length: size }, (_, i) => permutation(i));
    const mean = (size - 1) / 2;
    const variance = (size * size - 1) / 12;
    for (const lag of [1, 2, 316, 317]) {
      let covariance = 0;
      for (let i = 0; i + lag < size; i++) covariance += (order[i]! - mean) * (order[i + lag]! - mean);
      // Independent orders have a correlation of about 1 / sqrt(size) = 0.003.
      expect(Math.abs(covariance / (size - lag) / variance)).toBeLessThan(0.015);
    }
  });

  test('reaches sizes that no list would fit', () => {
    const size = 2 ** 40;
    const permutation = createPermutation(size, 'large');
    const seen = new Set(Array.from({ length: 1000 }, (_, i) => permutation(size - 1 - i)));
    expect(seen.size).toBe(1000);
    for (const index of seen) expect(index).toBeLessThan(size);
  });
});

describe('training batches', () => {
  const options = { context: 8, batchSize: 4, seed: 3 };

  test('show every window once an epoch, targets one behind, in another order each epoch and seed', () => {
    const tokens = countingFile(8 * 50 + 5);
    const batches = createTrainingBatches({ tokens, ...options });
    expect(batches.windows).toBe(50);
    const starts = (seed: number, from: number) => {
      const { batch } = createTrainingBatches({ tokens, ...options, seed });
      const rows: number[] = [];
      for (let sample = from; sample < from + 50; sample++) {
        const { inputs, targets } = batch(Math.floor(sample / 4));
        const row = (sample % 4) * 8;
        const start = inputs[row]!;
        expect([...inputs.subarray(row, row + 8)]).toEqual(Array.from({ length: 8 }, (_, i) => start + i));
        expect([...targets.subarray(row, row + 8)]).toEqual(Array.from({ length: 8 }, (_, i) => start + i + 1));
        rows.push(start);
      }
      return rows;
    };
    const all = Array.from({ length: 50 }, (_, window) => window * 8);
    const first = starts(3, 0);
    const second = starts(3, 50);
    expect([...first].sort((a, b) => a - b)).toEqual(all);
    expect([...second].sort((a, b) => a - b)).toEqual(all);
    expect(second).not.toEqual(first);
    expect(first).not.toEqual(all);
    expect(starts(4, 0)).not.toEqual(first);
    expect(starts(3, 0)).toEqual(first);
  });

  test('are the same from a fresh process', () => {
    const tokens = countingFile(8 * 50 + 5);
    const { batch } = createTrainingBatches({ tokens, ...options });
    const script = join(directory, 'fresh.mts');
    const source = new URL('../src/index.ts', import.meta.url).href;
    const file = new URL('../src/read/token-file.ts', import.meta.url).href;
    writeFileSync(
      script,
      `import { createTrainingBatches } from '${source}';
       import { openTokenFile } from '${file}';
       const tokens = openTokenFile(${JSON.stringify(join(directory, '405-60000.bin'))}, 60000);
       const { batch } = createTrainingBatches({ tokens, ...${JSON.stringify(options)} });
       console.log(JSON.stringify([...batch(1_000_003).inputs]));`,
    );
    const root = new URL('../', import.meta.url);
    const printed = execFileSync(process.execPath, ['--conditions=@dynact/source', '--import', 'tsx', script], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(JSON.parse(printed)).toEqual([...batch(1_000_003).inputs]);
  });

  test('take a text shorter than a window for wrong input', () => {
    expect(() => createTrainingBatches({ tokens: countingFile(8), ...options })).toThrow(InputError);
    expect(createTrainingBatches({ tokens: countingFile(9), ...options }).windows).toBe(1);
  });
});

describe('evaluation windows', () => {
  test.each([2, 8, 9, 10, 17, 100])('predict each of %i ids but the first exactly once', (length) => {
    const { count, targetCount, window } = createEvaluationWindows({ tokens: countingFile(length), context: 8 });
    const predicted: number[] = [];
    for (let index = 0; index < count; index++) {
      const { inputs, targets, targetCount: real } = window(index);
      expect([inputs.length, targets.length]).toEqual([8, 8]);
      for (let i = 0; i < real; i++) expect(targets[i]).toBe(inputs[i]! + 1);
      predicted.push(...targets.subarray(0, real));
    }
    expect(predicted).toEqual(Array.from({ length: length - 1 }, (_, i) => i + 1));
    expect(targetCount).toBe(length - 1);
  });

  test('take a single id for wrong input', () => {
    expect(() => createEvaluationWindows({ tokens: countingFile(1), context: 8 })).toThrow(InputError);
  });

  test('of several texts follow one another, and predict all but the first token of each', () => {
    const [first, second] = [20, 9].map((length) =>
      createEvaluationWindows({ tokens: countingFile(length), context: 8 }),
    );
    const { count, targetCount, window } = joinedWindows([first!, second!]);
    expect([count, targetCount]).toEqual([4, 19 + 8]);
    expect([0, 1, 2, 3].map(window)).toEqual([first!.window(0), first!.window(1), first!.window(2), second!.window(0)]);
    for (const index of [-1, 4, 0.5]) expect(() => window(index)).toThrow(RangeError);
    expect(() => joinedWindows([])).toThrow(InputError);
  });
});

describe('token files', () => {
  test('are read right across pages, in two and in four bytes an id', () => {
    for (const vocabularySize of [60_000, 100_000]) {
      const tokens = countingFile(50_000, vocabularySize);
      expect(tokens.length).toBe(50_000);
      fc.assert(
        fc.property(fc.nat(49_999), fc.nat(40_000), (start, count) => {
          const inside = Math.min(count, 50_000 - start);
          const ids = tokens.read(start, inside);
          expect(ids.length).toBe(inside);
          expect(ids.every((id, i) => id === start + i)).toBe(true);
        }),
      );
      expect(() => tokens.read(49_999, 2)).toThrow(RangeError);
      tokens.close();
    }
  });
});
