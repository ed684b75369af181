import type { RunReader } from '@dynact/runs';
import { expect, test } from 'vitest';
import { differingMachines, planComparison } from '../src/index.ts';

const { runs } = planComparison({});
type Machine = { host: string; cpu: string; gpu: string | null } | undefined;

function notesOf(machineOf: (variant: string, seed: number) => Machine): string[] {
  return differingMachines(
    runs.map((planned) => {
      const reader = { config: { machine: machineOf(planned.variant, planned.seed) } } as RunReader;
      return { planned, reader };
    }),
  );
}

test('names the seeds whose variants ran on different models, and what ran where', () => {
  const notes = notesOf((variant, seed) => {
    return { host: `${variant}-${seed}`, cpu: seed === 1 && variant === 'swiglu' ? 'Old' : 'New', gpu: null };
  });
  expect(notes).toEqual([
    'The runs of seed 1 were trained on different machines, which may round differently: swiglu on Old; dynactglu on New.',
  ]);
});

test('says nothing of seeds that ran on equal models, on whatever hosts, nor of runs that recorded none', () => {
  expect(notesOf((variant, seed) => ({ host: variant, cpu: `Model of seed ${seed}`, gpu: null }))).toEqual([]);
  expect(notesOf((variant) => ({ host: variant, cpu: variant, gpu: 'One GPU' }))).toEqual([]);
  expect(notesOf((variant) => (variant === 'swiglu' ? undefined : { host: 'x', cpu: 'y', gpu: null }))).toEqual([]);
});
