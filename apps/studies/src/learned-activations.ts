import { join } from 'node:path';
import { readRunFolder } from '@dynact/runs';
import { activationMean, type Comparison, runFolderName } from '@dynact/runs/records';
import { z } from 'zod';
import { markdownTable, withInterval } from './tables.ts';

/** Learned parameters of the activations of one layer: a value a seed. */
export const learnedParameterSchema = z.strictObject({
  variant: z.string(),
  layer: z.int().nonnegative(),
  name: z.string(),
  values: z.array(z.number()),
});

export type LearnedParameter = z.infer<typeof learnedParameterSchema>;

/** Deeper networks would make the page a list of numbers. */
const mostLayers = 8;

/** The activation parameters of a comparison's runs after the last step; per channel, their mean. */
export function learnedParameters(directory: string, { variants, steps }: Comparison): LearnedParameter[] {
  const learned = new Map<string, LearnedParameter>();
  for (const { name: variant, runs } of variants) {
    for (const { seed } of runs) {
      for (const record of readRunFolder(join(directory, runFolderName(variant, seed))).records()) {
        if (record.kind !== 'activation' || record.step !== steps) continue;
        const { layer, name } = record;
        const key = `${variant}/${layer}/${name}`;
        if (!learned.has(key)) learned.set(key, { variant, layer, name, values: [] });
        learned.get(key)!.values.push(activationMean(record));
      }
    }
  }
  return [...learned.values()];
}

/** A row a variant and layer, a column a parameter; empty where nothing was learned or there are too many layers. */
export function learnedTable(part: string, learned: readonly LearnedParameter[]): string {
  if (learned.length === 0 || learned.some(({ layer }) => layer >= mostLayers)) return '';
  const names = [...new Set(learned.map(({ name }) => name))];
  const rows = new Map<string, string[]>();
  for (const { variant, layer, name, values } of learned) {
    const row = `${variant}, layer ${layer}`;
    if (!rows.has(row)) rows.set(row, [row, ...names.map(() => '')]);
    rows.get(row)![1 + names.indexOf(name)] = withInterval(values, (value) => value.toFixed(3));
  }
  return markdownTable([`${part}: learned, mean ± 95 % interval`, ...names], [...rows.values()]);
}
