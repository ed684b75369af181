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
  const zero = Number(/aria-label="[^":]*: 0"[^>]*translate\(([^,]+),/.exec(svg)?.[1]);
  const scale = (found[1]!.x - zero) / found[1]!.difference;
  expect(scale).toBeGreaterThan(0);
  for (const [index, { difference, x }] of found.entries()) {
    expect(difference).toBeCloseTo(expected[index % 2]!.meanDifference!, 10);
    expect((x - zero) / difference).toBeCloseTo(scale, 6);
  }
  expect(intervals(svg)).toHaveLength(4);
  for (const [index, ends] of intervals(svg).entries()) {
    expect(ends[0]).toBeCloseTo(expected[index % 2]!.ci95![0], 10);
    expect(ends[1]).toBeCloseTo(expected[index % 2]!.ci95![1], 10);
  }
});

test('parts share an axis, unless one could not be read or their numbers are of their data alone', async () => {
  const parts = (metric: typeof accuracy, gain: number) => ({
    little: exampleComparison({ metric, gain: 0.02 }),
    much: exampleComparison({ metric, gain }),
  });
  const near = await draw(parts(accuracy, 0.05));
  const far = await draw(parts(accuracy, 0.5));
  const own = await draw(parts(areaUnderCurve, 0.05));
  const remark = 'Each part has an axis of its own';
  expect([near, far, own].map((svg) => texts(svg).includes(remark))).toEqual([false, true, true]);
  const [little, much] = points(near);
  expect(little!.x).toBeLessThan(0.6 * much!.x);
  expect(texts(near)).toContain('Mean over seeds with its 95 % interval; right of the line is better');
  expect(texts(near)).toContain('accuracy difference to swiglu (points)');
});

test('one seed and runs that diverged are told of', async () => {
  const one = await draw({ one: exampleComparison({ seeds: [0] }) });
  expect(texts(one)).toContain('One seed has no interval');
  const diverged = await draw({ some: exampleComparison({ diverged: ['dynactglu/1'] }) });
  expect(texts(diverged)).toContain('Runs that diverged are left out');
  const [{ difference } = { difference: 0 }] = points(diverged);
  expect(difference).not.toBeCloseTo(lastPaired(exampleComparison())[0]!.meanDifference!, 10);
});

test('nothing is drawn where nothing was compared', async () => {
  expect(await renderDifferencesChart(new Map([['alone', exampleComparison({ names: ['swiglu'] })]]))).toBe(undefined);
});
