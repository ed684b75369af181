import { expect, test } from 'vitest';
import { longRows, type MetricsRecord } from '../src/records/index.ts';

test('the long form has every number of a log in a row of its own, and where it stands', () => {
  const records: MetricsRecord[] = [
    {
      kind: 'evaluation',
      step: 0,
      tokens: 0,
      split: 'validation',
      loss: 6,
      metrics: { perplexity: 403 },
      elapsedMs: 1,
    },
    {
      kind: 'train',
      step: 1,
      tokens: 64,
      loss: 5,
      learningRate: 0.1,
      gradientNorm: 2,
      tokensPerSecond: 9,
      exchangeMs: 3,
      copyMs: 0,
      elapsedMs: 7,
    },
    { kind: 'activation', step: 1, layer: 0, name: 'alpha', value: 1.5 },
    { kind: 'activation', step: 1, layer: 1, name: 'alpha', value: [1, 2] },
    { kind: 'sample', step: 1, prompt: 'a', text: 'b' },
    { kind: 'whole-split', step: 1, tokens: 64, split: 'validation', loss: 4, metrics: {}, elapsedMs: 8 },
  ];
  expect(longRows(records).map((row) => Object.values(row))).toEqual([
    [0, 0, 1, 'validation', 'loss', 6],
    [0, 0, 1, 'validation', 'perplexity', 403],
    [1, 64, 7, 'train', 'loss', 5],
    [1, 64, 7, '', 'learningRate', 0.1],
    [1, 64, 7, '', 'gradientNorm', 2],
    [1, 64, 7, '', 'tokensPerSecond', 9],
    [1, 64, 7, '', 'exchangeMs', 3],
    [1, 64, 7, '', 'copyMs', 0],
    [1, 64, 7, '', 'activation/alpha/layer 0', 1.5],
    [1, 64, 7, '', 'activation/alpha/layer 1/channel 0', 1],
    [1, 64, 7, '', 'activation/alpha/layer 1/channel 1', 2],
    [1, 64, 8, 'whole validation', 'loss', 4],
  ]);
});
