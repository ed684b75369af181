import { describe, expect, it } from 'vitest';
import { divergedRuns, lastPaired, verdictSentence } from '../src/records/index.ts';
import { type Example, exampleComparison } from './support/example-comparison.ts';

function sentence(example: Example): string {
  const comparison = exampleComparison(example);
  return verdictSentence(comparison, lastPaired(comparison)[0]!);
}

describe('verdict sentence', () => {
  it('claims a win of either side from six seeds on', () => {
    expect(sentence({ gain: 0.1 })).toMatch(
      /^At step 2000, dynactglu has 9\.\d\d % lower perplexity than swiglu over 6 seeds: dynactglu is lower \(95 % interval excludes 0, p = 0\.031\)\.$/,
    );
    expect(sentence({ gain: -0.1 })).toMatch(/10\.\d\d % higher perplexity .*: swiglu is lower \(95 % interval/);
  });

  it('concludes nothing below six seeds', () => {
    for (const count of [1, 2, 5]) {
      const seeds = Array.from({ length: count }, (_, seed) => seed);
      expect(sentence({ seeds, gain: 0.1 })).toMatch(/too few seeds to conclude \(at least 6 are needed\)\.$/);
    }
    expect(sentence({ seeds: [3], gain: 0.1 })).toContain('over 1 seed:');
  });

  it('shows no difference where the interval holds 0', () => {
    expect(sentence({ gain: 0 })).toMatch(/: the seeds do not show a difference \(p = 0\.\d+\)\.$/);
    expect(sentence({ names: ['swiglu', 'copy'], seeds: [0], gain: 0, checkpoints: [10] })).toMatch(
      /perplexity than swiglu/,
    );
  });

  it('counts diverged runs, and claims no win for a side that has them', () => {
    const seeds = [0, 1, 2, 3, 4, 5, 6];
    expect(sentence({ seeds, gain: 0.1, diverged: ['dynactglu/2'] })).toMatch(
      /over 6 seeds: no win is claimed, because dynactglu has diverged runs\. Diverged runs: 1 of dynactglu\.$/,
    );
    expect(sentence({ seeds, gain: 0.1, diverged: ['swiglu/2'] })).toMatch(
      /dynactglu is lower .*\. Diverged runs: 1 of swiglu\.$/,
    );
    expect(sentence({ diverged: ['dynactglu/2', 'swiglu/2'] })).toMatch(
      /over 5 seeds: too few .*\. Diverged runs: 1 of dynactglu, 1 of swiglu\.$/,
    );
    const all = exampleComparison({ seeds: [0, 1], diverged: ['dynactglu/0', 'dynactglu/1'] });
    expect(divergedRuns(all, 'dynactglu')).toBe(2);
    expect(divergedRuns(all, 'swiglu')).toBe(0);
    expect(verdictSentence(all, lastPaired(all)[0]!)).toBe(
      'dynactglu and swiglu have no seed with a loss on both sides at step 2000. Diverged runs: 2 of dynactglu.',
    );
  });

  it('says so when both are equal', () => {
    const comparison = exampleComparison({ names: ['a', 'b'] });
    const result = { ...lastPaired(comparison)[0]!, meanLossDifference: 0, relativePerplexityReduction: 0, ci95: null };
    expect(verdictSentence(comparison, result)).toContain('a have the same mean loss over 6 seeds');
  });

  it('is about the last checkpoint, once for each variant but the baseline', () => {
    const comparison = exampleComparison({ names: ['a', 'b', 'c'], checkpoints: [500, 90, 200] });
    expect(lastPaired(comparison).map(({ variant, step }) => [variant, step])).toEqual([
      ['b', 500],
      ['c', 500],
    ]);
    expect(lastPaired(exampleComparison({ names: ['a'] }))).toEqual([]);
  });
});
