import { machineIdentity, selectBackend, softwareVersions } from '@dynact/backends';
import { openDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { differingSplit } from '@dynact/runs/records';
import { type TrainEvent, type TrainRunResult, trainRun } from '@dynact/training';
import { tokenDigests } from '../token-digests.ts';
import type { Job } from './executor.ts';

/**
 * Trains the run of a job in this process: starts it, goes on with it, or returns where it is over.
 * @param signal ends it after the step in progress, with a checkpoint
 */
export async function trainJob(
  { config, directory, threads, datasetDirectory, tokens, program }: Job,
  signal: AbortSignal,
  onEvent: (event: TrainEvent) => void = () => {},
): Promise<TrainRunResult> {
  const dataset = await openDataset(datasetDirectory);
  try {
    const changed = differingSplit(tokens, tokenDigests(dataset));
    if (changed !== undefined) {
      throw new InputError(
        'dataset',
        `dataset ${config.dataset.name}: the ${changed} split has changed since this comparison began; compare anew into another folder`,
      );
    }
    const { name, device, compile } = await selectBackend({ ...config.backend, threads }, 'train');
    const versions = { ...softwareVersions(name), ...program.versions };
    const backend = { name, device, threads };
    const environment = { versions, backend, machine: machineIdentity(), gitCommit: program.gitCommit };
    return await trainRun({ config, dataset, directory, resume: 'if-there', environment, compile, onEvent, signal });
  } finally {
    dataset.close();
  }
}

/** Why a job ended without a result, and whether the user has to mend something first. */
export function reasonOf(error: unknown): { readonly message: string; readonly isWrongInput: boolean } {
  const isWrongInput = error instanceof Error && 'exitCode' in error && error.exitCode === 2;
  if (!(error instanceof Error)) return { message: String(error), isWrongInput };
  return { message: (isWrongInput ? undefined : error.stack) ?? error.message, isWrongInput };
}
