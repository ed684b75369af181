import { expect, test } from 'vitest';
import { dropoutMasks } from '../src/loop/dropout-masks.ts';

const options = { probability: 0.25, sites: 3, size: 20_000, seed: 1, step: 4, microBatch: 0 };

test('masks are zero with the given probability and keep the mean otherwise', () => {
  const masks = [...dropoutMasks(options)];
  expect(masks).toHaveLength(3);
  for (const mask of masks) {
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    const zeros = mask.filter((value) => value === 0).length / mask.length;
    // Four standard deviations of a binomial share.
    expect(Math.abs(zeros - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / mask.length));
  }
});

test('they depend on seed, step, pass and site, and on nothing else', () => {
  const of = (changed: object) => [...dropoutMasks({ ...options, size: 64, ...changed })];
  expect(of({})).toEqual(of({}));
  for (const changed of [{ seed: 2 }, { step: 5 }, { microBatch: 1 }]) expect(of(changed)).not.toEqual(of({}));
  const [first, second] = of({});
  expect(first).not.toEqual(second);
});
