import '../../../test/support/property-seed.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patched } from '../src/page/points.ts';
import { Series } from '../src/server/series.ts';

const at = (step: number) => ({ step, tokens: 10 * step, ms: 2 * step });

function seriesOf(values: readonly number[], most = 64): Series {
  const series = new Series(most);
  for (const [step, value] of values.entries()) series.push(at(step), value);
  return series;
}

const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 400 });

describe('a series', () => {
  test('holds few values as they are', () => {
    const { from, step, tokens, ms, last, min } = seriesOf([3, 1, 2]).patch(64);
    expect({ from, step, tokens, ms, last, min }).toEqual({
      from: 0,
      step: [0, 1, 2],
      tokens: [0, 10, 20],
      ms: [0, 2, 4],
      last: [3, 1, 2],
      min: undefined,
    });
  });

  test('keeps the extremes and the last value of any values, in bounded memory', () => {
    fc.assert(
      fc.property(values, (all) => {
        const series = seriesOf(all, 16);
        const { step, last, min = last, max = last } = series.patch(16);
        expect(step.length).toBeLessThanOrEqual(16);
        expect(Math.min(...min)).toBe(Math.min(...all));
        expect(Math.max(...max)).toBe(Math.max(...all));
        expect(last.at(-1)).toBe(all.at(-1));
        // Every bucket stands for the values from the end of the one before.
        for (const [index, end] of step.entries()) {
          const part = all.slice((step[index - 1] ?? -1) + 1, end + 1);
          expect([min[index], max[index], last[index]]).toEqual([Math.min(...part), Math.max(...part), part.at(-1)]);
        }
      }),
    );
  });

  test('tells the news so that a page that had the beginning has all', () => {
    fc.assert(
      fc.property(values, values, (beginning, rest) => {
        const series = seriesOf(beginning, 1000);
        const before = patched(undefined, series.patch(1000));
        for (const [index, value] of rest.entries()) series.push(at(beginning.length + index), value);
        const after = patched(before, series.patch(1000, beginning.length - 1));
        expect(after.last).toEqual([...beginning, ...rest]);
        expect(after.step).toEqual([...beginning, ...rest].map((_, step) => step));
      }),
    );
  });

  test('drops what a log takes back', () => {
    const series = seriesOf([5, 6, 7, 8]);
    series.cutFrom(2);
    series.push(at(2), 70);
    expect(series.patch(64).last).toEqual([5, 6, 70]);
  });
});
