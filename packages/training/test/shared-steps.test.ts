import { join } from 'node:path';
import { readRunFolder } from '@dynact/runs';
import { expect, test, vi } from 'vitest';
import { SharedSteps } from '../src/index.ts';
import { configWith, tinyRuns } from './support/tiny-runs.ts';
import { Twin } from './support/twin.ts';

const { folder, train, ofKind } = tinyRuns();

test('sums, losses and times are those of a step', () => {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  const twin = new Twin((milliseconds) => {
    now += milliseconds;
  });
  const shared = new SharedSteps(twin, { parameters: 3, microBatches: 4, wantsToStop: () => true });
  expect([shared.lastTime, shared.meanTime]).toEqual(Array(2).fill({ exchangeMs: 0, copyMs: 0 }));
  shared.add(new Float32Array([1, 2, 3]), 0.5);
  shared.add(new Float32Array([10, 20, 30]), 0.25);
  expect(shared.finish([7, 8])).toEqual({ sums: new Float32Array([22, 44, 66]), losses: [7, 7, 8, 8] });
  // Two rounds, the sums, and the losses.
  expect(shared.lastTime).toEqual({ exchangeMs: 14, copyMs: 0.75 });
  now += 1000;
  shared.add(new Float32Array([1, 1, 1]), 0.25);
  // It has no second one; the other has.
  shared.finish([7]);
  expect(shared.lastTime).toEqual({ exchangeMs: 14, copyMs: 0.25 });
  expect(shared.meanTime).toEqual({ exchangeMs: 14, copyMs: 0.5 });
  expect(shared.stops).toBe(true);
  clock.mockRestore();
});

test('a run of several processes logs at each step what they cost, and records how many there were', async () => {
  const config = configWith({ training: { steps: 3, gradientAccumulation: 2, evaluation: { steps: [3] } } });
  const wait = (milliseconds: number) => {
    for (const end = performance.now() + milliseconds; performance.now() < end; );
  };
  await train(config, 'together', { ranks: new Twin(wait) });
  await train(config, 'alone');
  const [together, alone] = ['together', 'alone'].map((name) => ofKind(name, 'train'));
  expect(together).toHaveLength(3);
  for (const { exchangeMs, copyMs, tokensPerSecond } of together!) {
    // One round, the sums, and the losses.
    expect(exchangeMs).toBeGreaterThanOrEqual(9);
    expect(copyMs).toBeGreaterThanOrEqual(0);
    const stepMs = (1000 * 2 * 4 * 16) / tokensPerSecond;
    expect(exchangeMs! + copyMs!).toBeLessThan(stepMs);
  }
  for (const record of alone!) expect(Object.keys(record)).not.toEqual(expect.arrayContaining(['exchangeMs']));
  const [written, before] = ['together', 'alone'].map((name) => readRunFolder(join(folder, name)).config);
  expect(written).toEqual({ ...before, ranks: 2 });
  expect(before).not.toHaveProperty('ranks');
});
