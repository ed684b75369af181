import { expect, test } from 'vitest';
import { RemainingTime } from '../src/loop/remaining-time.ts';

test('the first step, which compiles, is soon forgotten; recent steps count most', () => {
  const remaining = new RemainingTime(10, 0, 0);
  expect(remaining.after(1, 5000)).toBe(9 * 5000);
  expect(remaining.after(2, 5100)).toBe(8 * 100);
  expect(remaining.after(3, 5300)).toBeCloseTo(7 * 105, 9);
});

test('a resumed run counts from where it goes on', () => {
  expect(new RemainingTime(100, 90, 1000).after(91, 1200)).toBe(9 * 200);
});
