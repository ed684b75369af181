import { availableParallelism } from 'node:os';

/** Threads of each of the runs that train at a time, one at least. @param threads of all of them; by default the cores */
export function shareOfCores(runs: number, threads: number = availableParallelism()): number {
  return Math.max(1, Math.floor(threads / Math.max(1, runs)));
}
