import { expect, test } from 'vitest';
import { differs, type LoggedRun, loggedRun, lossesRow } from '../src/losses/losses.ts';

const train = { kind: 'train', tokens: 0, elapsedMs: 0, learningRate: 0, gradientNorm: 1 } as const;
const evaluation = {
  kind: 'evaluation',
  tokens: 0,
  elapsedMs: 0,
  split: 'validation',
  metrics: { perplexity: 1, bitsPerByte: 1 },
} as const;
const sample = { kind: 'sample', prompt: 'the' } as const;
const ours: LoggedRun = loggedRun([
  { ...evaluation, step: 0, loss: 6 },
  { ...train, step: 1, loss: 5, tokensPerSecond: 100 },
  { ...train, step: 2, loss: 4, tokensPerSecond: 300 },
  { ...sample, step: 1, text: 'an' },
  { ...train, step: 3, loss: 3, tokensPerSecond: 200 },
  { ...evaluation, step: 3, loss: 3.5 },
  { ...sample, step: 3, text: 'and' },
]);

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
