import { expect, test } from 'vitest';
import { describe } from '../src/collectives/collectives.ts';

test('one process exchanges nothing, and is planned none; two stand beside the arithmetic of plan', () => {
  const alone = { ranks: 1, parameters: 4_250_000, stepMs: 160 };
  const two = { ranks: 2, parameters: 4_250_000, stepMs: 200, exchangeMs: 31.25, copyMs: 0.5 };
  const rows = describe([alone, two], 1.25e9).split('\n');
  const cells = rows.map((row) => row.trim().split(/ {2,}/));
  expect(cells).toContainEqual(['1', '160.0 ms', 'none', 'none', '100 %', 'none', '100 %']);
  // 17 MB / 2, twice, at 1.25 GB/s are 13.6 ms.
  expect(cells).toContainEqual(['2', '200.0 ms', '31.3 ms', '0.5 ms', '80 %', '13.6 ms', '92 %']);
});
