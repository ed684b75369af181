import '../../../test/support/property-seed.ts';
import { meanAndDeviation, studentQuantile } from '@dynact/runs/records';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Curve, smooth } from '../src/page/curves.ts';
import { initial, type PageState, parseHash, toHash } from '../src/page/hash.ts';
import { meanCurve } from '../src/page/mean-curve.ts';
import { horizontalRange } from '../src/page/ranges.ts';

const steps = (count: number) => Array.from({ length: count }, (_, step) => step);

describe('smoothing', () => {
  test('is the mean of all values so far, each weighing less by the share for every step of its age', () => {
    const values = [4, 8, 1, 5];
    const share = 0.7;
    const expected = values.map((_, end) => {
      const weights = values.slice(0, end + 1).map((_, index) => share ** (end - index));
      const sum = weights.reduce((total, weight, index) => total + weight * values[index]!, 0);
      return sum / weights.reduce((total, weight) => total + weight, 0);
    });
    for (const [index, value] of smooth(values, steps(4), share).entries())
      expect(value).toBeCloseTo(expected[index]!, 12);
  });

  test('leaves a constant as it is, at the widest too, and forgets by steps, not by points', () => {
    expect(smooth([3, 3, 3], [0, 7, 9], 0.999).map((value) => Number(value.toFixed(12)))).toEqual([3, 3, 3]);
    // 0.9 of ten steps ago weighs as 0.9 ** 10.
    const [, last] = smooth([0, 1], [0, 10], 0.9);
    expect(last).toBeCloseTo(1 / (1 + 0.9 ** 10), 12);
  });
});

describe('the mean of seeds', () => {
  const curveOf = (y: number[]): Curve => ({
    label: '',
    tone: 0,
    weight: 'thin',
    steps: steps(y.length),
    x: steps(y.length),
    y,
  });

  test("and its band are those of the records' statistics", () => {
    const all = [
      [5, 4, 3],
      [6, 4.5, 2],
      [7, 3.5, 4],
    ];
    const seeds = all.map((y) => ({ curve: curveOf(y), isOver: true }));
    const { y, low = [], high = [] } = meanCurve(seeds, { label: 'mean', tone: 0 });
    for (const step of steps(3)) {
      const { mean, deviation } = meanAndDeviation(all.map((values) => values[step]!))!;
      const half = (studentQuantile(0.975, 2) * deviation!) / Math.sqrt(3);
      expect([y[step], low[step], high[step]]).toEqual([mean, mean - half, mean + half]);
    }
  });

  test('ends where a run that goes on has come to; one that diverged counts as far as it went', () => {
    const [long, short] = [curveOf([1, 1, 1, 1]), curveOf([3, 3])];
    const mean = (isOver: boolean) =>
      meanCurve(
        [
          { curve: long, isOver: true },
          { curve: short, isOver },
        ],
        { label: '', tone: 0 },
      ).y;
    expect(mean(false)).toEqual([2, 2]);
    expect(mean(true)).toEqual([2, 2, 1, 1]);
  });
});

describe('the horizontal axis', () => {
  const curve = (x: readonly number[]): Curve => ({ label: '', tone: 0, weight: 'normal', steps: x, x, y: x });

  test('goes over all positions, from the first above 0 where it is logarithmic', () => {
    const curves = [curve([0, 5, 100]), curve([2, 70]), curve([])];
    expect(horizontalRange(curves, false)).toEqual([0, 100]);
    expect(horizontalRange(curves, true)).toEqual([2, 100]);
    expect(horizontalRange([curve([4])], false)).toEqual([3.5, 4.5]);
    expect(horizontalRange([curve([4])], true)).toEqual([2, 8]);
    expect(horizontalRange([curve([0])], true)).toEqual([0.1, 10]);
  });
});

describe('the address', () => {
  const state: fc.Arbitrary<PageState> = fc.record({
    view: fc.constantFrom('overview', 'run', 'comparison', 'overlay'),
    ids: fc.array(
      fc.string({ minLength: 1, unit: 'binary' }).filter((id) => !id.includes('|')),
      { maxLength: 4 },
    ),
    isStretched: fc.boolean(),
    axis: fc.constantFrom('step', 'tokens', 'time', 'flops'),
    vertical: fc.constantFrom('auto', 'linear', 'logarithmic'),
    smoothing: fc.constantFrom(0, 0.5, 0.987, 0.999),
    zoom: fc.option(fc.constant([0.25, 1e17] as const)),
    filter: fc.string(),
    sort: fc.constantFrom('-updated', 'name', '-train/loss'),
    group: fc.constantFrom('none', 'folder', 'state'),
  });

  test('keeps all that the page shows', () => {
    fc.assert(
      fc.property(state, (each) => {
        expect(parseHash(toHash(each))).toEqual(each);
      }),
    );
  });

  test('of a stranger is nonsense at worst', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (hash) => {
        expect(parseHash(hash)).toHaveProperty('view');
      }),
    );
    expect(parseHash('#run?zoom=9~1&smoothing=7&x=up&y=down&group=z')).toEqual({ ...initial, view: 'run' });
  });
});
