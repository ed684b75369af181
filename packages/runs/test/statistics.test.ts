import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import {
  meanAndDeviation,
  type PairedStatistics,
  pairedComparison,
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
  it('gives the quantiles of Student t to seven digits', () => {
    for (const { probability, degreesOfFreedom, value } of reference.quantiles) {
      expect(studentQuantile(probability, degreesOfFreedom) / value).toBeCloseTo(1, 7);
    }
  });

  it.each(reference.cases.map((entry) => [entry.baseline.length, entry] as const))(
    'gives mean, interval and exact p of %i pairs',
    (n, { baseline, variant, mean, deviation, ci95, pValue }) => {
      const result = pairedComparison(bySeed(baseline), bySeed(variant));
      expect(result.n).toBe(n);
      expect(result.meanLossDifference).toBeCloseTo(mean, 12);
      expect(result.ci95![0]).toBeCloseTo(ci95[0], 8);
      expect(result.ci95![1]).toBeCloseTo(ci95[1], 8);
      expect(result.pValue).toBe(pValue);
      expect(result.relativePerplexityReduction).toBeCloseTo(1 - Math.exp(mean), 12);
      expect(meanAndDeviation(variant.map((loss, seed) => loss - baseline[seed]!))?.deviation).toBeCloseTo(
        deviation,
        12,
      );
    },
  );
});

describe('paired comparison', () => {
  it('pairs by seed, not by position, and leaves out seeds that lack a side', () => {
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
    expect(result.meanLossDifference).toBeCloseTo(0.375, 12);
  });

  it('says null where a figure is not defined', () => {
    const nothing = { meanLossDifference: null, ci95: null, pValue: null, relativePerplexityReduction: null };
    expect(pairedComparison(bySeed([null]), bySeed([4]))).toEqual({ n: 0, ...nothing });
    const one = pairedComparison(bySeed([4]), bySeed([3.5]));
    expect(one).toMatchObject({ n: 1, meanLossDifference: -0.5, ci95: null, pValue: 1 });
  });

  it('reaches its smallest p-value 2 / 2^n when all differences have one sign', () => {
    for (let n = 1; n <= 12; n += 1) {
      expect(signFlipPValue(Array.from({ length: n }, (_, index) => -0.01 * (index + 1)))).toBe(2 / 2 ** n);
    }
    expect(signFlipPValue([0, 0, 0])).toBe(1);
  });

  it('counts patterns with the observed sum whatever the order of addition', () => {
    // 0.1 + 0.2 and 0.3 differ in their last bit: half of all patterns tie with the observed one.
    expect(signFlipPValue([0.1, 0.2, -0.3])).toBe(1);
    expect(signFlipPValue([0.1, 0.2, 0.3])).toBe(0.25);
  });

  it('refuses more seeds than it can count through', () => {
    expect(inputErrorOf(() => signFlipPValue(new Array(25).fill(1)))).toContain('at most 24');
  });
});

describe('verdict', () => {
  const none = { baseline: 0, variant: 0 };
  const result = (losses: readonly number[]): PairedStatistics =>
    pairedComparison(bySeed(losses.map(() => 4)), bySeed(losses));
  const lower = [3.9, 3.91, 3.92, 3.9, 3.91, 3.92];
  const higher = lower.map((loss) => 8 - loss);

  it('names the lower one from six seeds on', () => {
    expect(verdict(result(lower), none)).toBe('variant lower');
    expect(verdict(result(higher), none)).toBe('baseline lower');
    expect(verdict(result(lower.slice(1)), none)).toBe('too few seeds to conclude');
    expect(verdict(pairedComparison(bySeed([]), bySeed([])), none)).toBe('too few seeds to conclude');
  });

  it('needs both the interval and the p-value', () => {
    expect(verdict(result([3.9, 4.2, 3.9, 3.9, 4.1, 4]), none)).toBe('no difference shown');
    const shown: PairedStatistics = {
      n: 6,
      meanLossDifference: -0.1,
      ci95: [-0.2, -0.01],
      pValue: 0.05,
      relativePerplexityReduction: 0.1,
    };
    expect(verdict(shown, none)).toBe('variant lower');
    expect(verdict({ ...shown, pValue: 0.0625 }, none)).toBe('no difference shown');
    expect(verdict({ ...shown, ci95: [-0.2, 0] }, none)).toBe('no difference shown');
  });

  it('gives no win to a side with diverged runs, and does not take one away for those of the loser', () => {
    expect(verdict(result(lower), { baseline: 0, variant: 1 })).toBe('no difference shown');
    expect(verdict(result(lower), { baseline: 1, variant: 0 })).toBe('variant lower');
    expect(verdict(result(higher), { baseline: 1, variant: 0 })).toBe('no difference shown');
    expect(verdict(result(higher), { baseline: 0, variant: 1 })).toBe('baseline lower');
  });
});
