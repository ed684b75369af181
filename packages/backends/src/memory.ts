import { totalmem } from 'node:os';
import { InputError } from '@dynact/files';

/** Bytes of main memory. */
export interface MachineMemory {
  /** Bytes that processes here may use at all: the machine's, or the container's. */
  readonly total: number;
  /** Bytes of it that are free now. */
  readonly available: number;
}

/** How a step is taken: `gradientAccumulation` passes over `batchSize` sequences each. */
export interface StepSizes {
  readonly batchSize: number;
  readonly gradientAccumulation: number;
}

export interface MemoryOptions {
  /** Runs that train at a time. */
  readonly jobs?: number;
  /** Train all the same, with a warning. */
  readonly ignoreMemory?: boolean;
  readonly memory?: MachineMemory;
  /** Whether nothing is trained yet, so that there is nothing to try all the same. */
  readonly isPlan?: boolean;
}

export function machineMemory(): MachineMemory {
  // Without a limit it is 0, or larger than the machine.
  const limit = process.constrainedMemory();
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { total, available: Math.min(process.availableMemory(), total) };
}

/**
 * Holds an estimate of training against this machine, before anything is prepared or trained.
 * @param estimate bytes of one run whose steps are taken so
 * @returns a warning where it may be too much, undefined where it fits
 * @throws InputError where it is more than there is, saying what would fit
 */
export function checkMemory(
  estimate: (step: StepSizes) => number,
  step: StepSizes,
  options: MemoryOptions = {},
): string | undefined {
  const { jobs = 1, ignoreMemory = false, memory = machineMemory(), isPlan = false } = options;
  const what = jobs === 1 ? 'training needs' : `${jobs} runs at a time need`;
  const anyway = isPlan ? '' : '; --ignore-memory tries it all the same';
  const advice = () => `${remedy(estimate, step, jobs, memory.total)}${anyway}`;
  return checkNeed(
    what,
    jobs * estimate(step),
    advice,
    ignoreMemory ? { ...memory, total: Number.POSITIVE_INFINITY } : memory,
  );
}

/**
 * Holds what something is about to take against this machine.
 * @param what the beginning of a sentence: `training needs`
 * @param advice how it would fit
 * @returns a warning where it may be too much, undefined where it fits
 * @throws InputError where it is more than there is
 */
export function checkNeed(
  what: string,
  needed: number,
  advice: () => string,
  { total, available }: MachineMemory = machineMemory(),
): string | undefined {
  if (needed <= available) return undefined;
  const message = `${what} about ${gigabytes(needed)} of memory (estimate)`;
  if (needed > total) throw new InputError('device', `${message}, and there are ${gigabytes(total)}: ${advice()}`);
  return `warning: ${message}, and ${gigabytes(available)} are free: it may become slow or be stopped`;
}

/** The smallest change of the configuration that fits and computes the same. */
function remedy(estimate: (step: StepSizes) => number, step: StepSizes, jobs: number, total: number): string {
  const fitting = Math.floor(total / estimate(step));
  if (jobs > 1 && fitting >= 1) return `set --jobs ${fitting}`;
  const smaller = largestFitting(estimate, step, total);
  if (smaller === undefined) {
    return 'the model is too large for that (the command `plan` shows what takes how much); lower model.width, model.layers, model.context or dataset.vocabSize';
  }
  const settings = `training.batchSize=${smaller.batchSize} and training.gradientAccumulation=${smaller.gradientAccumulation}`;
  return `${settings} take the same steps in ${gigabytes(estimate(smaller))}${jobs === 1 ? '' : ', one run at a time'}`;
}

/** Passes that the same step would have to be made in: the fewest that fit. */
function largestFitting(
  estimate: (step: StepSizes) => number,
  { batchSize, gradientAccumulation }: StepSizes,
  total: number,
): StepSizes | undefined {
  const passesOf = (size: number) => ({
    batchSize: size,
    gradientAccumulation: gradientAccumulation * (batchSize / size),
  });
  // Halved, because a batch may have as many sequences as there are whole numbers.
  let [fits, exceeds] = [0, batchSize];
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (estimate(passesOf(middle)) <= total) fits = middle;
    else exceeds = middle;
  }
  while (fits > 0 && batchSize % fits !== 0) fits -= 1;
  return fits === 0 ? undefined : passesOf(fits);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 10e9 ? 1 : 0)} GB`;
}
