import { describe, expect, test } from 'vitest';
import { holmAdjusted, holmPValue, pairedResults, perplexity, verdictSentence } from '../src/records/index.ts';

describe("Holm's correction", () => {
  test('is that of R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")', () => {
    const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005]);
    for (const [index, expected] of [0.03, 0.06, 0.06, 0.02].entries())
      expect(adjusted[index]).toBeCloseTo(expected, 12);
  });

  test('leaves one p-value alone, and goes no higher than 1', () => {
    expect(holmAdjusted([0.04])).toEqual([0.04]);
    expect(holmAdjusted([0.6, 0.9, 0.7])).toEqual([1, 1, 1]);
    expect(holmAdjusted([])).toEqual([]);
  });

  test('decides the verdict where several variants are compared with one baseline', () => {
    const seeds = [0, 1, 2, 3, 4, 5];
    const variant = (name: string, gain: number) => ({
      name,
      parameters: 1,
      flopsPerToken: 1,
      runs: seeds.map((seed) => {
        const loss = 2 + 0.001 * seed - gain * (1 + 0.01 * seed);
        return {
          seed,
          status: 'finished' as const,
          evaluations: [{ step: 9, loss, metrics: { perplexity: Math.exp(loss) } }],
        };
      }),
    });
    const comparison = (names: readonly string[]) => {
      const variants = [variant('a', 0), ...names.map((name) => variant(name, 0.1))] as [ReturnType<typeof variant>];
      const paired = pairedResults(perplexity, variants, 'a', [9]);
      return { dataset: 'd', metric: perplexity, steps: 9, evaluationSteps: [9] as [number], seeds, variants, paired };
    };
    const alone = comparison(['b']);
    expect(verdictSentence(alone, alone.paired[0]!)).toContain('b is better (95 % interval excludes 0, p = 0.031)');
    const three = comparison(['b', 'c', 'd']);
    expect(holmPValue(three, three.paired[2]!)).toBeCloseTo(3 * 0.03125, 12);
    // With six seeds no p is below 2 / 2^6, and three times that is above 0.05 whatever was measured.
    expect(verdictSentence(three, three.paired[2]!)).toContain('too few seeds to conclude (at least 7 are needed)');
    seeds.push(6);
    const enough = comparison(['b', 'c', 'd']);
    expect(verdictSentence(enough, enough.paired[2]!)).toContain(
      "d is better (95 % interval excludes 0, p = 0.047 by Holm's correction)",
    );
  });
});
