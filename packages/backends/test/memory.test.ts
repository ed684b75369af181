import { totalmem } from 'node:os';
import { describe, expect, test } from 'vitest';
import { checkMemory, machineMemory } from '../src/index.ts';
import type { StepSizes } from '../src/memory.ts';

/** A model of 1 GB, and 1 GB for each sequence of a pass. */
const estimate = ({ batchSize }: StepSizes) => 1e9 * (1 + batchSize);
const step = { batchSize: 64, gradientAccumulation: 2 };
const needed = estimate(step);

function refusal(total: number, sizes: StepSizes = step, jobs = 1): string {
  try {
    checkMemory(estimate, sizes, { memory: { total, available: total }, jobs });
  } catch (error) {
    expect(error).toMatchObject({ exitCode: 2, kind: 'device' });
    return (error as Error).message;
  }
  return 'it fits';
}

describe('checkMemory', () => {
  test('says nothing of what fits', () => {
    expect(checkMemory(estimate, step, { memory: { total: 2 * needed, available: needed } })).toBeUndefined();
  });

  test('warns where it fits the machine but not what is free', () => {
    const warning = checkMemory(estimate, step, { memory: { total: needed, available: needed - 1 } });
    expect(warning).toMatch(/^warning: training needs about 65 GB of memory \(estimate\), and .* are free/);
  });

  test('refuses what the machine does not have, and names the largest batch that takes the same steps', () => {
    expect(refusal(40e9)).toBe(
      'training needs about 65 GB of memory (estimate), and there are 40 GB: training.batchSize=32 and ' +
        'training.gradientAccumulation=4 take the same steps in 33 GB; --ignore-memory tries it all the same',
    );
    expect(refusal(32e9)).toContain('training.batchSize=16 and training.gradientAccumulation=8 ');
    const memory = { total: 32e9, available: 32e9 };
    expect(checkMemory(estimate, step, { memory, ignoreMemory: true })).toMatch(/^warning: /);
    // A plan has no such option, and trains nothing.
    expect(() => checkMemory(estimate, step, { memory, isPlan: true })).toThrow(/take the same steps in 17 GB$/);
  });

  test('refuses a model that is too large with any batch', () => {
    expect(refusal(1.9e9)).toContain('lower model.width, model.layers');
    expect(refusal(2e9)).toContain('training.batchSize=1 ');
  });

  test('ends at once with a batch of a large prime', () => {
    expect(refusal(1e12, { batchSize: 9_007_199_254_740_881, gradientAccumulation: 1 })).toContain(
      'training.batchSize=1 and training.gradientAccumulation=9007199254740881',
    );
  });

  test('counts every run that trains at a time', () => {
    expect(refusal(3.5 * needed, step, 3)).toBe('it fits');
    expect(refusal(3.5 * needed, step, 4)).toMatch(/^4 runs at a time need .*: set --jobs 3;/);
    expect(refusal(needed - 1, step, 4)).toContain('take the same steps in 33 GB, one run at a time');
  });
});

test('the memory of this machine is what the system says', () => {
  const { total, available } = machineMemory();
  expect(total).toBeGreaterThan(1e8);
  expect(total).toBeLessThanOrEqual(totalmem());
  expect(available).toBeGreaterThan(0);
  expect(available).toBeLessThanOrEqual(total);
});
