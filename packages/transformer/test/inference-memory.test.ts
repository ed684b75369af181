import { expect, test } from 'vitest';
import { evaluationBytes, generationBytes, modelConfigSchema, resolveModelConfig } from '../src/index.ts';

/** Deep and narrow: few weights, a long cache. */
const config = resolveModelConfig(
  modelConfigSchema.parse({ layers: 1000, width: 16, heads: 2, kvHeads: 1, context: 30_000 }),
  300,
);

test('writing takes keys and values of every layer and place, three times, and one layer at work', () => {
  const cache = 2 * 1000 * 1 * (30_000 + 32) * 8;
  const tables = 2 * 30_000 * (2 + 1) * 8 + 2 * 32 * 30_000;
  const layer = 3 * 32 * (48 + 2 * 30_000) + tables;
  expect(generationBytes(config, 1, 30_000)).toBe(4 * (3 * cache + layer));
  expect(generationBytes(config, 2, 30_000)).toBe(4 * (6 * cache + 2 * layer - tables));
});

test('past the context, and in an evaluation, all of it is read at once', () => {
  // The scores of 256 positions at a time, and a mask for them.
  const whole = 3 * (30_000 * 48 + 256 * 2 * 30_000) + 2 * 30_000 * (2 + 1) * 8 + 256 * 30_000;
  expect(generationBytes(config, 1, 30_001) - generationBytes(config, 1, 30_000)).toBe(4 * whole);
  expect(evaluationBytes(config, 1)).toBe(4 * (whole + 2 * 30_000 * 300));
});
