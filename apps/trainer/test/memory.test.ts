import { totalmem } from 'node:os';
import { report } from '@dynact/command-line';
import { parseConfig, planModel } from '@dynact/training';
import { describe, expect, test, vi } from 'vitest';
import { checkMemory, machineMemory } from '../src/memory.ts';

const config = parseConfig({ training: { batchSize: 64 } });
const needed = planModel(config).memory.total;

function passesOf(batchSize: number, gradientAccumulation: number): number {
  return planModel(parseConfig({ training: { batchSize, gradientAccumulation } })).memory.total;
}

describe('checkMemory', () => {
  test('says nothing of what fits, and nothing of a device with memory of its own', () => {
    expect(checkMemory(config, { memory: { total: 2 * needed, available: needed } })).toBeUndefined();
    const onDevice = { ...config, backend: { ...config.backend, device: 'webgpu' as const } };
    expect(checkMemory(onDevice, { memory: { total: 1, available: 1 } })).toBeUndefined();
  });

  test('warns where it fits the machine but not what is free', () => {
    const warning = checkMemory(config, { memory: { total: needed, available: needed - 1 } });
    expect(warning).toMatch(/^warning: training needs about [\d.]+ GB of memory \(estimate\), and .* are free/);
  });

  test('refuses what the machine does not have, and names the largest batch that takes the same steps', () => {
    const total = passesOf(16, 4);
    expect(passesOf(32, 2)).toBeGreaterThan(total);
    const memory = { total, available: total };
    expect(() => checkMemory(config, { memory })).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringMatching(
          /training\.batchSize=16 and training\.gradientAccumulation=4 take the same steps/,
        ),
      }),
    );
    expect(checkMemory(config, { memory, ignoreMemory: true })).toMatch(/^warning: /);
  });

  test('refuses a model that is too large with any batch', () => {
    const memory = { total: passesOf(1, 64) - 1, available: 1 };
    expect(() => checkMemory(config, { memory })).toThrow(/lower model\.width, model\.layers/);
  });

  test('counts every run that trains at a time', () => {
    const memory = { total: 3.5 * needed, available: 3.5 * needed };
    expect(checkMemory(config, { memory, jobs: 3 })).toBeUndefined();
    expect(() => checkMemory(config, { memory, jobs: 4 })).toThrow(/^4 runs at a time need .*: set --jobs 3;/);
  });
});

test.each([
  () => new Float32Array(2 ** 53 - 1),
  () => new ArrayBuffer(2 ** 52),
  () => {
    throw new Error(
      'Non-zero status code returned while running Gemm node. Failed to allocate memory for requested buffer of size 9',
    );
  },
  () => {
    throw new Error('swiglu seed 0: RangeError: Array buffer allocation failed\n    at somewhere');
  },
])('memory that is used up all the same is one line: %s', (allocate) => {
  let failure: unknown;
  try {
    allocate();
  } catch (error) {
    failure = error;
  }
  const written: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const status = report(failure);
  spy.mockRestore();
  expect(status).toBe(1);
  expect(written.join('')).toMatch(/^error: out of memory \([^\n]+\); lower training\.batchSize[^\n]+\n$/);
});

test('the memory of this machine is what the system says', () => {
  const { total, available } = machineMemory();
  expect(total).toBeGreaterThan(1e8);
  expect(total).toBeLessThanOrEqual(totalmem());
  expect(available).toBeGreaterThan(0);
  expect(available).toBeLessThanOrEqual(total);
});
