import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import {
  fewestSeeds,
  fewestSeedsFor,
  type Metric,
  meanAndDeviation,
  type PairedStatistics,
  pairedComparison,
  perplexity,
  signFlipPValue,
  studentQuantile,
  verdict,
} from '../src/records/index.ts';

/** SciPy's values: fixtures/make-statistics-fixture.py. */
const reference = JSON.parse(
  readFileSync(new URL('./fixtures/statistics-reference.fixture.json', import.meta.url), 'utf8'),
) as {
  quantiles: { probability: number; degreesOfFreedom: number; value: number }[];
  cases: {
    baseline: number[];
    variant: number[];
    mean: number;
    deviation: number;
    ci95: [number, number];
    pValue: number;
  }[];
};
const bySeed = (losses: readonly (number | null)[]) => new Map(losses.map((loss, seed) => [seed, loss]));

describe('against SciPy', () => {
  test('gives the quantiles of Student t to twelve digits', () => {
    for (const { probability, degreesOfFreedom, value } of reference.quantiles) {
      expect(studentQuantile(probability, degreesOfFreedom) / value).toBeCloseTo(1, 12);
    }
  });

  test.each(reference.cases.map((entry) => [entry.baseline.length, entry] as const))(
    'gives mean, interval and exact p of %i pairs',
    (n, { baseline, variant, mean, deviation, ci95, pValue }) => {
      const result = pairedComparison(bySeed(baseline), bySeed(variant));
      expect(result.n).toBe(n);
      expect(result.meanDifference).toBeCloseTo(mean, 12);
      expect(result.ci95![0]).toBeCloseTo(ci95[0], 12);
      expect(result.ci95![1]).toBeCloseTo(ci95[1], 12);
      expect(result.pValue).toBe(pValue);
      expect(meanAndDeviation(variant.map((loss, seed) => loss - baseline[seed]!))?.deviation).toBeCloseTo(
        deviation,
        12,
      );
    },
  );
});

describe('paired comparison', () => {
  test('pairs by seed, not by position, and leaves out seeds that lack a side', () => {
    const baseline = new Map([
      [0, 4],
      [1, 5],
      [2, null],
      [7, 9],
    ]);
    const variant = new Map([
      [3, 1],
      [2, 3],
      [1, 5.5],
      [0, 4.25],
    ]);
    const result = pairedComparison(baseline, variant);
    expect(result.n).toBe(2);
    expect(result.meanDifference).toBeCloseTo(0.375, 12);
  });

  test('says null where a figure is not defined', () => {
    const nothing = { meanDifference: null, ci95: null, pValue: null };
    expect(pairedComparison(bySeed([null]), bySeed([4]))).toEqual({ n: 0, ...nothing });
    const one = pairedComparison(bySeed([4]), bySeed([3.5]));
    expect(one).toMatchObject({ n: 1, meanDifference: -0.5, ci95: null, pValue: 1 });
  });

  test('reaches its smallest p-value 2 / 2^n when all differences have one sign', () => {
    for (let n = 1; n <= 12; n += 1) {
      expect(signFlipPValue(Array.from({ length: n }, (_, index) => -0.01 * (index + 1)))).toBe(2 / 2 ** n);
    }
    expect(signFlipPValue([0, 0, 0])).toBe(1);
  });

  test('counts patterns with the observed sum whatever the order of addition', () => {
    // 0.1 + 0.2 and 0.3 differ in their last bit: half of all patterns tie with the observed one.
    expect(signFlipPValue([0.1, 0.2, -0.3])).toBe(1);
    expect(signFlipPValue([0.1, 0.2, 0.3])).toBe(0.25);
  });

  test('refuses more seeds than it can count through', () => {
    expect(inputErrorOf(() => signFlipPValue(new Array(25).fill(1)))).toContain('at most 24');
  });
});

describe('verdict', () => {
  const none = { baseline: 0, variant: 0 };
  const result = (losses: readonly number[]): PairedStatistics =>
    pairedComparison(bySeed(losses.map(() => 4)), bySeed(losses));
  const lower = [3.9, 3.91, 3.92, 3.9, 3.91, 3.92];
  const higher = lower.map((loss) => 8 - loss);
  const accuracy: Metric = { name: 'accuracy', unit: '%', lowerIsBetter: false, scale: 'linear' };

  test('names the better one from six seeds on: the lower or the higher, as the metric has it', () => {
    expect(verdict(result(lower), perplexity, none)).toBe('variant better');
    expect(verdict(result(higher), perplexity, none)).toBe('baseline better');
    expect(verdict(result(lower), accuracy, none)).toBe('baseline better');
    expect(verdict(result(higher), accuracy, none)).toBe('variant better');
    expect(verdict(result(lower.slice(1)), perplexity, none)).toBe('too few seeds to conclude');
    expect(verdict(pairedComparison(bySeed([]), bySeed([])), perplexity, none)).toBe('too few seeds to conclude');
  });

  test('needs more seeds for more variants, because the correction multiplies the smallest p-value', () => {
    expect([1, 2, 3, 4, 6, 7].map(fewestSeedsFor)).toEqual([fewestSeeds, 7, 7, 8, 8, 9]);
    for (const comparisons of [1, 2, 3, 4, 6, 7]) {
      const fewest = fewestSeedsFor(comparisons);
      expect((comparisons * 2) / 2 ** fewest).toBeLessThanOrEqual(0.05);
      expect((comparisons * 2) / 2 ** (fewest - 1)).toBeGreaterThan(0.05);
    }
    expect(verdict(result(lower), perplexity, none, 2)).toBe('too few seeds to conclude');
  });

  test('needs both the interval and the p-value', () => {
    expect(verdict(result([3.9, 4.2, 3.9, 3.9, 4.1, 4]), perplexity, none)).toBe('no difference shown');
    const shown: PairedStatistics = { n: 6, meanDifference: -0.1, ci95: [-0.2, -0.01], pValue: 0.05 };
    expect(verdict(shown, perplexity, none)).toBe('variant better');
    expect(verdict({ ...shown, pValue: 0.0625 }, perplexity, none)).toBe('no difference shown');
    expect(verdict({ ...shown, ci95: [-0.2, 0] }, perplexity, none)).toBe('no difference shown');
  });

  test('a difference that no digit shows is none, however sure it is', () => {
    const tiny: PairedStatistics = { n: 6, meanDifference: -4e-5, ci95: [-4.1e-5, -3.9e-5], pValue: 0.03125 };
    expect(verdict(tiny, perplexity, none)).toBe('no difference shown');
    expect(verdict({ ...tiny, meanDifference: -6e-5, ci95: [-7e-5, -5e-5] }, perplexity, none)).toBe('variant better');
  });

  test('gives no win to a side with diverged runs, and does not take one away for those of the loser', () => {
    const [variant, baseline] = [{ baseline: 0, variant: 1 }, { baseline: 1, variant: 0 }]; // biome-ignore format: a pair
    expect(verdict(result(lower), perplexity, variant)).toBe('no difference shown');
    expect(verdict(result(lower), perplexity, baseline)).toBe('variant better');
    expect(verdict(result(higher), perplexity, baseline)).toBe('no difference shown');
    expect(verdict(result(higher), perplexity, variant)).toBe('baseline better');
  });
});
