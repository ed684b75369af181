import { checkMemory, type MemoryOptions } from '@dynact/backends';
import { type Config, planModel } from '@dynact/training';

/**
 * Holds the estimate of `dynact plan` against this machine.
 * @returns a warning where it may be too much
 * @throws InputError where it is more than there is, saying what would fit
 */
export function checkTrainingMemory(config: Config, options: MemoryOptions): string | undefined {
  // The estimate is of main memory; devices have their own.
  if (config.backend.device !== 'cpu') return undefined;
  const { training } = config;
  return checkMemory(
    (step) => planModel({ ...config, training: { ...training, ...step } }).memory.total,
    training,
    options,
  );
}
