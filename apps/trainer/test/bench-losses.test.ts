import { expect, test } from 'vitest';
import { differs, type LoggedRun, loggedRun, lossesRow } from '../src/bench/losses.ts';

const log = [
  { kind: 'evaluation', step: 0, loss: 6 },
  { kind: 'train', step: 1, loss: 5, tokensPerSecond: 100 },
  { kind: 'train', step: 2, loss: 4, tokensPerSecond: 300 },
  { kind: 'sample', step: 1, text: 'an' },
  { kind: 'train', step: 3, loss: 3, tokensPerSecond: 200 },
  { kind: 'evaluation', step: 3, loss: 3.5 },
  { kind: 'sample', step: 3, text: 'and' },
];
const ours: LoggedRun = loggedRun(log.map((record) => `${JSON.stringify(record)}\n`).join(''));

test('a log has training losses, evaluations, the last text and the median speed', () => {
  expect(ours).toEqual({ training: [5, 4, 3], evaluations: [6, 3.5], text: 'and', tokensPerSecond: 200 });
});

test('a run within 1e-4 of onnxruntime agrees, one outside differs', () => {
  const near = { ...ours, training: [5, 4 * (1 + 9e-5), 3] };
  const row = lossesRow('tensorflow', near, ours);
  expect(row).toMatchObject({ backend: 'tensorflow', steps: 3, evaluationDifference: 0, sameText: true });
  expect(row.trainingDifference).toBeCloseTo(9e-5, 10);
  expect(differs(row)).toBe(false);
  for (const run of [
    { ...ours, training: [5, 4 * (1 + 2e-4), 3] },
    { ...ours, evaluations: [6, 3.5 * (1 - 2e-4)] },
    { ...ours, evaluations: [6, Number.NaN] },
  ]) {
    expect(differs(lossesRow('cpu', run, ours))).toBe(true);
  }
});
