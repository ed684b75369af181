import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { readTable, splitTable } from '../src/index.ts';

function table(text: string) {
  const path = join(temporaryFolder(), 'table.txt');
  writeFileSync(path, text);
  return path;
}

describe('tables', () => {
  test.each(['1 2 3\n4 5 6\n\n', 'a,b,c\n1,2,3\r\n4, 5, 6\n', '1;2;3\n4\t5  6'])('%j', (text) => {
    const { features, inputs, targets } = readTable(table(text));
    expect(features).toBe(2);
    expect([...inputs]).toEqual([1, 2, 4, 5]);
    expect([...targets]).toEqual([3, 6]);
  });

  test.each([
    ['1 2 3\n4 5\n', 'row 2 has 2 values, the first has 3'],
    ['1 2\n3 x\n', 'row 2 holds no number'],
    ['1\n2\n', 'a row needs a feature and a target'],
  ])('%j is refused', (text, message) => {
    expect(inputErrorOf(() => readTable(table(text)))).toContain(message);
  });

  test('a split has every row once, is of the seed, and is standardized by its training part', () => {
    const rows = Array.from({ length: 40 }, (_, row) => `${row} ${row * row} ${100 - 3 * row}`);
    const whole = readTable(table(rows.join('\n')));
    const split = splitTable(whole, 7, 0.75);
    expect([split.train.targets.length, split.test.targets.length]).toEqual([30, 10]);
    // Targets are 3 apart, so standardized ones are 3 / deviation apart when each is there once.
    const seen = [...split.train.targets, ...split.test.targets].sort((a, b) => a - b);
    for (const [place, value] of seen.slice(1).entries())
      expect(value - seen[place]!).toBeCloseTo(3 / split.targetDeviation, 4);
    for (const feature of [0, 1]) {
      const column = split.train.inputs.filter((_, place) => place % 2 === feature);
      expect(column.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4);
      expect(column.reduce((sum, value) => sum + value * value, 0) / 30).toBeCloseTo(1, 4);
    }
    expect([...splitTable(whole, 7, 0.75).test.targets]).toEqual([...split.test.targets]);
    expect([...splitTable(whole, 8, 0.75).test.targets]).not.toEqual([...split.test.targets]);
  });
});
