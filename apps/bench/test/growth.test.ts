import { report } from '@dynact/command-line';
import { expect, test, vi } from 'vitest';
import { generateTable } from '../src/generate/generate.ts';
import { growthOf, growthTable } from '../src/growth/growth.ts';
import { createBench } from '../src/program.ts';

/** Costs that grow with the square root of the size, in memory with the size. */
const points = [128, 512, 2048].map((size) => ({
  size,
  tokensPerStep: 2048,
  microsecondsPerToken: 10 * Math.sqrt(size),
  peakResidentMegabytes: 2 * size,
}));

test('growth is the exponent of the size', () => {
  const { exponents } = growthOf('onnxruntime', points);
  expect(exponents?.time).toBeCloseTo(0.5, 12);
  expect(exponents?.memory).toBeCloseTo(1, 12);
  expect(growthOf('onnxruntime', points.slice(1, 2)).exponents).toBeNull();
});

test('growth stands in a table', () => {
  const engines = [growthOf('onnxruntime', points.slice(0, 2))];
  const absent = [{ label: 'pytorch', reason: 'not installed' }];
  const text = growthTable('context', { cpu: 'A processor', threads: 2, steps: 5, rounds: 1, engines, absent });
  expect(text.split('\n')).toEqual([
    'width 256, 4 layers, 4 heads, dynactglu, AdamW; A processor, 2 threads',
    'medians of 5 steps in each of 1 process',
    '',
    'training step   context  tokens   ms  us/token          peak MB',
    'onnxruntime         128    2048  232     113.1  1.00 x      256  1.00 x',
    'onnxruntime         512    2048  463     226.3  2.00 x     1024  4.00 x',
    'onnxruntime    exponent                           0.50             1.00',
    'not measured: pytorch: not installed',
  ]);
});

test('generation stands in a table, beside transformers where it is there', () => {
  const row = { batch: 1, cachedTokensPerSecond: 500, fullTokensPerSecond: 25, equal: true };
  const rows = [
    { ...row, transformers: { version: '5.0, PyTorch 2.9', tokensPerSecond: 250 }, speed: 2 },
    {
      ...row,
      batch: 16,
      cachedTokensPerSecond: 4000,
      equal: false,
      transformers: { reason: 'no module' },
      speed: null,
    },
  ];
  const shape = { cpu: 'A processor', context: 512, tokens: 200, threads: 2, device: 'cpu', megabytesOfWeights: 17 };
  expect(
    generateTable({ ...shape, rows })
      .split('\n')
      .slice(2),
  ).toEqual([
    'batch  tokens/s  GB/s of weights  recomputed  same tokens  transformers',
    '1           500              8.5          25          yes           250  2.00 x',
    '16         4000              4.3          25           no',
    'transformers 5.0, PyTorch 2.9',
    'not measured: transformers: no module',
  ]);
});

test.each([
  [['context', '--sizes', 'many'], /"many" is not a whole number/],
  [['vocabulary', '--steps', '0'], /--steps.*Give at least 1/],
  [['context', '--python', '/nowhere/python'], /--python: \/nowhere\/python does not exist/],
  [['generate', '--python', '/nowhere/python'], /--python: \/nowhere\/python does not exist/],
])('wrong input is one line and exit code 2: %j', async (parameters, message) => {
  const errors: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
  try {
    const error = await createBench()
      .parseAsync(parameters, { from: 'user' })
      .catch((reason: unknown) => reason);
    expect(report(error)).toBe(2);
  } finally {
    spy.mockRestore();
  }
  expect(errors.join('')).toMatch(message);
});
