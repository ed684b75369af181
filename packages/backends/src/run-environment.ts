import { type MachineIdentity, machineIdentity } from './machine.ts';
import type { SelectedBackend } from './select-backend.ts';
import { softwareVersions } from './versions.ts';

/** Surroundings of a run's training, as its config.json records them. */
export interface RunEnvironment {
  readonly versions: Record<string, string>;
  readonly backend: Pick<SelectedBackend, 'name' | 'device' | 'threads'>;
  readonly machine: MachineIdentity;
  readonly gitCommit: string | null;
}

/** The environment of a run on the backend in use. @param program the one that trains */
export function runEnvironment(
  { name, device, threads }: SelectedBackend,
  { versions, gitCommit }: Pick<RunEnvironment, 'versions' | 'gitCommit'>,
): RunEnvironment {
  return {
    versions: { ...softwareVersions(name), ...versions },
    backend: { name, device, threads },
    machine: machineIdentity(device),
    gitCommit,
  };
}
