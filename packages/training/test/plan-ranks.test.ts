import { expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { planRanks } from '../src/index.ts';

const model = { parameters: 4_250_000, microBatchMs: 160, bytesPerSecond: 1.25e9 };

test('one process exchanges nothing', () => {
  const plan = planRanks({ ...model, ranks: 1, microBatches: 4 });
  expect(plan).toEqual({ ranks: 1, rounds: 4, exchangedBytes: 0, exchangeMs: 0, stepMs: 640, efficiency: 1 });
});

test('eight processes over 10 Gbit/s: a part to each other one after every micro-batch, and the sums at the end', () => {
  const plan = planRanks({ ...model, ranks: 8, microBatches: 8 });
  // 17 MB x 7/8, twice, at 1.25 GB/s.
  expect(plan.exchangedBytes).toBe(29_750_000);
  expect(plan.exchangeMs).toBeCloseTo(23.8, 9);
  expect(plan.stepMs).toBeCloseTo(183.8, 9);
  expect(plan.efficiency).toBeCloseTo(160 / 183.8, 9);
  expect(planRanks({ ...model, ranks: 8, microBatches: 32 }).exchangeMs).toBeCloseTo((5 / 2) * 23.8, 9);
});

test('a round that is not full costs as much as one that is', () => {
  const { rounds, efficiency } = planRanks({ ...model, bytesPerSecond: 1e30, ranks: 4, microBatches: 5 });
  expect(rounds).toBe(2);
  expect(efficiency).toBeCloseTo(5 / 8, 9);
});

test('more processes than micro-batches are refused', () => {
  expect(inputErrorOf(() => planRanks({ ...model, ranks: 5, microBatches: 4 }))).toContain('start 4 at most');
});
