import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { readTail } from '../src/server/tail.ts';

const train = (step: number) =>
  `${JSON.stringify({ kind: 'train', step, tokens: 8 * step, loss: 1 / step, elapsedMs: 5 * step })}\n`;
const evaluation = (step: number) =>
  `${JSON.stringify({ kind: 'evaluation', step, tokens: 8 * step, split: 'validation', loss: step, metrics: {}, elapsedMs: 5 * step })}\n`;
const steps = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => train(first + index)).join('');

test.each([
  ['is the first line', evaluation(0) + steps(1, 30), 0],
  ['is among the newest', steps(1, 30) + evaluation(30), 30],
  ['lies far back', `${steps(1, 2000)}${evaluation(2000)}${steps(2001, 9000)}`, 2000],
  ['lies too far back, or is cut', evaluation(0) + steps(1, 30_000), undefined],
])('the newest figures of a log whose last evaluation %s', (_, text, evaluated) => {
  const path = join(temporaryFolder(), 'metrics.jsonl');
  // A writer is in the middle of a line.
  writeFileSync(path, text + train(99_999).slice(0, 30));
  const { step, ms, msPerStep, values } = readTail(path, text.length + 30);
  const last = [...text.matchAll(/"train","step":(\d+)/g)].at(-1)![1];
  expect([step, ms, msPerStep]).toEqual([Number(last), 5 * step, 5]);
  expect(values).toEqual({
    'train/loss': 1 / step,
    ...(evaluated === undefined ? {} : { 'validation/loss': evaluated }),
  });
});

test('of a log that has just begun there are none', () => {
  const path = join(temporaryFolder(), 'metrics.jsonl');
  writeFileSync(path, '{"kind":');
  expect(readTail(path, 8)).toEqual({ step: 0, ms: 0, msPerStep: null, values: {} });
});
