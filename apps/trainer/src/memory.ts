import { totalmem } from 'node:os';
import { InputError } from '@dynact/files';
import { type Config, planModel } from '@dynact/training';

/** Bytes of main memory. */
export interface MachineMemory {
  /** That processes here may use at all: of the machine, or of the container. */
  readonly total: number;
  /** Of it, what is free now. */
  readonly available: number;
}

export function machineMemory(): MachineMemory {
  // Without a limit it is 0, or larger than the machine.
  const limit = process.constrainedMemory();
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { total, available: Math.min(process.availableMemory(), total) };
}

export interface MemoryOptions {
  /** Runs that train at a time. */
  readonly jobs?: number;
  /** Train all the same, with a warning. */
  readonly ignoreMemory?: boolean;
  readonly memory?: MachineMemory;
}

/**
 * Holds the estimate of `trainer plan` against this machine, before anything is prepared or trained.
 * @returns a warning where it may be too much, undefined where it fits
 * @throws InputError where it is more than there is, saying what would fit
 */
export function checkMemory(config: Config, options: MemoryOptions = {}): string | undefined {
  const { jobs = 1, ignoreMemory = false, memory = machineMemory() } = options;
  // The estimate is of main memory; devices have their own.
  if (config.backend.device !== 'cpu') return undefined;
  const needed = jobs * planModel(config).memory.total;
  if (needed <= memory.available) return undefined;
  const what = jobs === 1 ? 'training needs' : `${jobs} runs at a time need`;
  const estimate = `${what} about ${gigabytes(needed)} of memory (estimate)`;
  if (needed > memory.total && !ignoreMemory) {
    throw new InputError(
      'usage',
      `${estimate}, and there are ${gigabytes(memory.total)}: ${remedy(config, jobs, memory.total)}; ` +
        '--ignore-memory tries it all the same',
    );
  }
  return `warning: ${estimate}, and ${gigabytes(memory.available)} of ${gigabytes(memory.total)} are free: it may become slow or be stopped`;
}

/** The smallest change of the configuration that fits and computes the same. */
function remedy(config: Config, jobs: number, total: number): string {
  const one = planModel(config).memory.total;
  const fitting = Math.floor(total / one);
  if (jobs > 1 && fitting >= 1) return `set --jobs ${fitting}`;
  const { batchSize, gradientAccumulation } = config.training;
  for (let passes = 2; passes <= batchSize; passes++) {
    if (batchSize % passes !== 0) continue;
    const training = {
      ...config.training,
      batchSize: batchSize / passes,
      gradientAccumulation: gradientAccumulation * passes,
    };
    const needed = planModel({ ...config, training }).memory.total;
    if (needed > total) continue;
    const settings = `training.batchSize=${training.batchSize} and training.gradientAccumulation=${training.gradientAccumulation}`;
    return `${settings} take the same steps in ${gigabytes(needed)}${jobs === 1 ? '' : ', one run at a time'}`;
  }
  return 'the model is too large for this machine (trainer plan shows what takes how much); lower model.width, model.layers, model.context or dataset.vocabSize';
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 10e9 ? 1 : 0)} GB`;
}
