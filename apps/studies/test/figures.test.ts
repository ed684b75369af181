import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '@dynact/runs/records';
import { describe, expect, test } from 'vitest';
import { convergenceAreas } from '../attention-cnn/study.ts';
import { mackeyGlass } from '../src/datasets.ts';
import { learnedTable } from '../src/learned-activations.ts';
import { areaUnderCurve } from '../src/networks/one-class.ts';
import { figures, keptPages, page, resultsFolder } from '../src/results.ts';
import {
  finalValues,
  finalValuesBySeed,
  meanWithInterval,
  pairedDifference,
  pairedTable,
  withInterval,
} from '../src/tables.ts';

/** Two variants whose accuracy at the evaluations 0, 10, 20 is given by seed. */
function comparison(accuracies: Record<string, readonly (readonly number[])[]>): Comparison {
  const variants = Object.entries(accuracies).map(([name, runs]) => ({
    ...{ name, parameters: 1, flopsPerToken: 0 },
    runs: runs.map((values, seed) => ({
      ...{ seed, status: 'finished' as const },
      evaluations: values.map((accuracy, index) => ({ step: 10 * index, loss: 1, metrics: { accuracy } })),
    })),
  }));
  return {
    dataset: 'digits',
    metric: { name: 'accuracy', unit: '%', lowerIsBetter: false, scale: 'linear' },
    ...{ steps: 20, evaluationSteps: [10, 20], seeds: [0, 1] },
    variants: variants as [(typeof variants)[number]],
    paired: [
      {
        baseline: 'a',
        variant: 'b',
        step: 20,
        n: 2,
        meanDifference: 1.5,
        ci95: [-4, 7],
        pValue: 0.5,
        relativeReduction: null,
      },
    ],
  };
}

const found = comparison({
  a: [
    [10, 80, 90],
    [10, 60, 92],
  ],
  b: [[10, 81, 93]],
});

describe('figures', () => {
  test('the area under the curve is the share of pairs in the right order, ties counted half', () => {
    expect(areaUnderCurve([1, 2, 3, 4], [false, false, true, true])).toBe(1);
    expect(areaUnderCurve([4, 3, 2, 1], [false, false, true, true])).toBe(0);
    expect(areaUnderCurve([1, 2, 2, 3], [false, true, false, true])).toBe(3.5 / 4);
  });

  test('the convergence area is a sum of trapezoids of 100 - accuracy', () => {
    expect([...convergenceAreas(found, 'a')]).toEqual([
      [0, (90 + 20) / 2 + (20 + 10) / 2],
      [1, (90 + 40) / 2 + (40 + 8) / 2],
    ]);
  });

  test('a mean comes with half of its Student interval', () => {
    expect(finalValues(found, 'a')).toEqual([90, 92]);
    expect([...finalValuesBySeed(found, 'a')]).toEqual([
      [0, 90],
      [1, 92],
    ]);
    // t(0.975, 1) = 12.706, deviation 1.414, n = 2.
    expect(meanWithInterval(found, 'a')).toBe('91.00 ± 12.71 (n = 2)');
    expect(withInterval([3], (value) => value.toFixed(1))).toBe('3.0 (n = 1)');
    expect(withInterval([], String)).toBe('diverged');
    // 1, 2 and 3 differ on average by 2, deviate by 1: 4.303 / sqrt(3) on either side.
    const baseline = new Map([1, 2, 3].map((seed) => [seed, 10]));
    const variant = new Map([1, 2, 3, 4].map((seed) => [seed, 10 + seed]));
    expect(pairedDifference(baseline, variant, 2)).toBe('2.00 (-0.48 to 4.48)');
    expect(pairedDifference(new Map([[1, 10]]), variant, 1)).toBe('1.0');
    expect(pairedDifference(new Map(), variant, 1)).toBe('–');
  });

  test('differences stand with their interval, also where nothing is found', () => {
    expect(pairedTable(new Map([['layers-5', found]]))).toContain(
      '| layers-5 | b − a | 2 | 1.500 | -4.000 to 7.000 | 0.500 | 0.500 |',
    );
  });

  test('what was learned stands by layer, unless there are too many', () => {
    const learned = [0, 1].flatMap((layer) => [
      { variant: 'b', layer, name: 'alpha', values: [1, 1.2] },
      { variant: 'b', layer, name: 'beta', values: [layer] },
    ]);
    expect(learnedTable('gates', learned)).toContain('| b, layer 1 | 1.100 ± 1.271 (n = 2) | 1.000 (n = 1) |');
    expect(learnedTable('gates', [{ variant: 'b', layer: 70, name: 'alpha', values: [1] }])).toBe('');
  });

  test('the Mackey-Glass series stays in its attractor, and its windows overlap', () => {
    const { inputs, targets, features } = mackeyGlass(5, 50);
    expect(features).toBe(5);
    expect([...inputs.subarray(5, 9)]).toEqual([...inputs.subarray(1, 5)]);
    // Six units after the last of the first window is the last of the seventh.
    expect(targets[0]).toBe(inputs[6 * 5 + 4]);
    for (const value of inputs) expect(value > 0.2 && value < 1.4).toBe(true);
  });
});

test.each(keptPages(resultsFolder))(
  'results/%s.md and its figures are what its kept comparisons print',
  async (name) => {
    expect(page(resultsFolder, name)).toBe(readFileSync(join(resultsFolder, `${name}.md`), 'utf8'));
    const drawn = await figures(resultsFolder, name);
    for (const [file, svg] of drawn) expect(svg).toBe(readFileSync(join(resultsFolder, file), 'utf8'));
    const kept = readdirSync(resultsFolder).filter((file) => file.startsWith(`${name}.`) && file.endsWith('.svg'));
    expect(kept).toEqual([...drawn.keys()].sort());
  },
);
