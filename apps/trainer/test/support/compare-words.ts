import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Workbench } from './workbench.ts';

/** Words of a comparison of four runs that take a second or two each, into a folder. */
export function compareWords(bench: Workbench, out: string, ...options: string[]): string[] {
  const sample = ['--set', 'training.sample.prompt=she', '--set', 'training.sample.maxTokens=8'];
  return ['compare', ...bench.tiny(), ...sample, '--evaluate-at', '5,10', '--out', out, ...options];
}

export const comparisonText = (directory: string) => readFileSync(join(directory, 'comparison.json'), 'utf8');
