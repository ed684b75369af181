import { describe, expect, test } from 'vitest';
import { devices } from '../src/runtime/devices/index.ts';
import { onnxRuntime } from '../src/runtime/library.ts';
import { probes, wrongFacts } from './support/difference-probes.ts';

describe('facts of devices', () => {
  test('hold on the cpu, and no other difference does', () => {
    expect(wrongFacts(devices.cpu)).toEqual([]);
  });

  test('that stopped holding, or began to, are told apart', () => {
    const { differences } = devices.cpu;
    const changed = { ...devices.cpu, differences: { reluLosesNaN: differences.sigmoidUnderflows! } };
    expect(wrongFacts(changed)).toEqual([
      'cpu: sigmoidUnderflows holds, but is not listed',
      'cpu: reluLosesNaN is listed, but does not hold',
    ]);
  });

  test.each(Object.values(devices))('of $name were seen in the version that is installed', ({ differences }) => {
    for (const [difference, { version }] of Object.entries(differences)) {
      expect(version, difference).toBe(onnxRuntime().version);
      expect(Object.keys(probes)).toContain(difference);
    }
  });
});
