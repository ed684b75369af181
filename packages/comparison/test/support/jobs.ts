import { parseConfig } from '@dynact/training';
import type { Job } from '../../src/index.ts';

/** A job for each seed, of a run in a folder of its own, which need not be there. @param parent of those folders */
export function jobsOf(seeds: readonly number[], parent?: string): Job[] {
  return seeds.map((seed) => ({
    name: `swiglu seed ${seed}`,
    config: { ...parseConfig({}, 'test'), seed },
    directory: `${parent === undefined ? '' : `${parent}/`}folder ${seed}`,
    threads: 1,
    datasetDirectory: 'nowhere',
    tokens: { train: 'a', validation: 'b' },
    program: { versions: {}, gitCommit: null },
    plugins: [],
  }));
}
