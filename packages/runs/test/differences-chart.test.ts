import { expect, test } from 'vitest';
import { type Comparison, lastPaired } from '../src/records/index.ts';
import { renderDifferencesChart } from '../src/report/index.ts';
import { accuracy, areaUnderCurve, exampleComparison } from './support/example-comparison.ts';

const draw = (comparisons: Record<string, Comparison>) =>
  renderDifferencesChart(new Map(Object.entries(comparisons))) as Promise<string>;

const texts = (svg: string) =>
  [...svg.matchAll(/<t(?:ext|span)[^>]*>([^<]+)<\/t(?:ext|span)>/g)].map(([, text]) => text!);

/** Means, as screen readers hear them, and their places across a plot. */
const points = (svg: string) =>
  [...svg.matchAll(/aria-label="[^":]*: (\S+); variant: ([^";]+)"[^>]*"point"[^>]*translate\(([^,]+),/g)].map(
    ([, difference, variant, x]) => ({ difference: Number(difference?.replace('−', '-')), variant, x: Number(x) }),
  );

/** Ends of the intervals. */
const intervals = (svg: string) =>
  [...svg.matchAll(/aria-label="[^":]*: (\S+); variant: [^";]+; high: ([^"]+)"/g)].map(([, ...ends]) =>
    ends.map((end) => Number(end?.replace('−', '-'))),
  );

test('each variant of each part stands at its difference, with its interval', async () => {
  const comparison = exampleComparison({ names: ['swiglu', 'dynactglu', 'geglu'] });
  const svg = await draw({ first: comparison, second: comparison });
  for (const text of ['first', 'second', 'dynactglu', 'geglu', 'loss difference to swiglu (nats)'])
    expect(texts(svg)).toContain(text);
  expect(texts(svg)).toContain('Mean over seeds with its 95 % interval; left of the line is better');
  const expected = lastPaired(comparison);
  const found = points(svg);
  expect(found.map(({ variant }) => variant)).toEqual(['dynactglu', 'geglu', 'dynactglu', 'geglu']);
  for (const [index, { difference, x }] of found.entries()) {
    expect(difference).toBeCloseTo(expected[index % 2]!.meanDifference!, 10);
    expect(x).toBe(found[index % 2]!.x);
  }
  expect(intervals(svg)).toHaveLength(4);
  for (const [index, ends] of intervals(svg).entries()) {
    expect(ends[0]).toBeCloseTo(expected[index % 2]!.ci95![0], 10);
    expect(ends[1]).toBeCloseTo(expected[index % 2]!.ci95![1], 10);
  }
});

test('parts share an axis, unless their numbers are of their data alone', async () => {
  const parts = (metric: typeof accuracy) => ({
    little: exampleComparison({ metric, gain: 0.02 }),
    much: exampleComparison({ metric, gain: 0.5 }),
  });
  const [little, much] = points(await draw(parts(accuracy)));
  expect(little!.x).toBeLessThan(much!.x / 2);
  const [own, other] = points(await draw(parts(areaUnderCurve)));
  expect(own!.x).toBeGreaterThan(other!.x / 2);
  expect(texts(await draw(parts(accuracy)))).toContain('accuracy difference to swiglu (points)');
});

test('nothing is drawn where nothing was compared', async () => {
  expect(await renderDifferencesChart(new Map([['alone', exampleComparison({ names: ['swiglu'] })]]))).toBe(undefined);
});
