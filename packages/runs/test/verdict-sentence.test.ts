import { describe, expect, test } from 'vitest';
import { divergedRuns, lastPaired, type PairedResult, verdictSentence } from '../src/records/index.ts';
import { accuracy, areaUnderCurve, type Example, exampleComparison } from './support/example-comparison.ts';

function sentence(example: Example): string {
  const comparison = exampleComparison(example);
  return verdictSentence(comparison, lastPaired(comparison)[0]!);
}

describe('verdict sentence', () => {
  test('claims a win of either side from six seeds on', () => {
    expect(sentence({ gain: 0.1 })).toMatch(
      /^At step 2000, dynactglu has 9\.\d\d % lower perplexity than swiglu over 6 seeds: dynactglu is better \(95 % interval excludes 0, p = 0\.031\)\.$/,
    );
    expect(sentence({ gain: -0.1 })).toMatch(/10\.\d\d % higher perplexity .*: swiglu is better \(95 % interval/);
  });

  test('concludes nothing below six seeds', () => {
    for (const count of [1, 2, 5]) {
      const seeds = Array.from({ length: count }, (_, seed) => seed);
      expect(sentence({ seeds, gain: 0.1 })).toMatch(/too few seeds to conclude \(at least 6 are needed\)\.$/);
    }
    expect(sentence({ seeds: [3], gain: 0.1 })).toContain('over 1 seed:');
  });

  test('shows no difference where the interval holds 0', () => {
    expect(sentence({ gain: 0 })).toMatch(/: the seeds do not show a difference \(p = 0\.\d+\)\.$/);
  });

  test('counts diverged runs, and claims no win for a side that has them', () => {
    const seeds = [0, 1, 2, 3, 4, 5, 6];
    expect(sentence({ seeds, gain: 0.1, diverged: ['dynactglu/2'] })).toMatch(
      /over 6 seeds: no win is claimed, because dynactglu has diverged runs\. Diverged runs: 1 of dynactglu\.$/,
    );
    expect(sentence({ seeds, gain: 0.1, diverged: ['swiglu/2'] })).toMatch(
      /dynactglu is better .*\. Diverged runs: 1 of swiglu\.$/,
    );
    expect(sentence({ diverged: ['dynactglu/2', 'swiglu/2'] })).toMatch(
      /over 5 seeds: too few .*\. Diverged runs: 1 of dynactglu, 1 of swiglu\.$/,
    );
    const all = exampleComparison({ seeds: [0, 1], diverged: ['dynactglu/0', 'dynactglu/1'] });
    expect(divergedRuns(all, 'dynactglu')).toBe(2);
    expect(divergedRuns(all, 'swiglu')).toBe(0);
    expect(verdictSentence(all, lastPaired(all)[0]!)).toBe(
      'dynactglu and swiglu have no seed with a value on both sides at step 2000. Diverged runs: 2 of dynactglu.',
    );
  });

  test('a difference that rounds to nothing is none', () => {
    const comparison = exampleComparison({ names: ['a', 'b'] });
    const told = (change: Partial<PairedResult>) =>
      verdictSentence(comparison, { ...lastPaired(comparison)[0]!, ...change });
    expect(told({ meanDifference: 0, ci95: null })).toBe(
      'At step 2000, b and a show no difference in perplexity (0.00 %) over 6 seeds: too few seeds to conclude (at least 6 are needed).',
    );
    for (const meanDifference of [4.9e-5, -4.9e-5]) {
      const sure = { meanDifference, ci95: [0.9 * meanDifference, 1.1 * meanDifference].sort() as [number, number] };
      expect(told({ ...sure, pValue: 0.03125 })).toBe(
        'At step 2000, b and a show no difference in perplexity (0.00 %) over 6 seeds: the seeds do not show a difference (p = 0.031).',
      );
    }
    expect(told({ meanDifference: 5.1e-5, ci95: [-1, 1] })).toContain('b has 0.01 % higher perplexity than a');
  });

  test('tells metrics of which more is better, in points or as they are', () => {
    expect(sentence({ metric: accuracy, gain: 0.1 })).toMatch(
      /^At step 2000, dynactglu has 0\.6\d points higher accuracy than swiglu over 6 seeds: dynactglu is better \(95 %/,
    );
    expect(sentence({ metric: accuracy, gain: -0.1 })).toMatch(
      /has 0\.6\d points lower accuracy than swiglu over 6 seeds: swiglu is better \(95 %/,
    );
    expect(sentence({ metric: areaUnderCurve, gain: 0.1 })).toMatch(
      /dynactglu has 0\.006\d higher AUC than swiglu over 6 seeds: dynactglu is better/,
    );
  });

  test('is about the last evaluation step, once for each variant but the baseline', () => {
    const comparison = exampleComparison({ names: ['a', 'b', 'c'], evaluationSteps: [500, 90, 200] });
    expect(lastPaired(comparison).map(({ variant, step }) => [variant, step])).toEqual([
      ['b', 500],
      ['c', 500],
    ]);
    expect(lastPaired(exampleComparison({ names: ['a'] }))).toEqual([]);
  });
});
