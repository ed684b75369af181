import { checkMemory, gpuMemory, type MachineMemory, type MemoryOptions, machineMemory } from '@dynact/backends';
import { type Config, planModel } from '@dynact/training';

/** Memory that a configuration trains in: the machine's, or the GPU's; undefined where that is not known here. */
export async function memoryOf({ backend: { device } }: Config): Promise<MachineMemory | undefined> {
  return device === 'cpu' ? machineMemory() : gpuMemory(device);
}

/**
 * Holds the estimate of `dynact plan` against this machine.
 * @returns a warning where it may be too much
 * @throws InputError where it is more than there is, saying what would fit
 */
export async function checkTrainingMemory(config: Config, options: MemoryOptions): Promise<string | undefined> {
  const memory = await memoryOf(config);
  if (memory === undefined) return undefined;
  const { training } = config;
  return checkMemory((step) => planModel({ ...config, training: { ...training, ...step } }).memory.total, training, {
    ...options,
    memory,
  });
}
