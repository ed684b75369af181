import { selectBackend, softwareVersions } from '@dynact/backends';
import { openDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { differingSplit } from '@dynact/runs/records';
import { trainRun } from '@dynact/training';
import { tokenDigests } from '../token-digests.ts';
import type { Job } from './executor.ts';
import type { JobSurroundings } from './serve-job.ts';

/** Trains one run of a language model. */
export async function trainJob(job: Job, { signal, onEvent }: JobSurroundings): Promise<void> {
  const { config, directory, resume, threads, datasetDirectory, tokens, program } = job;
  const dataset = await openDataset(datasetDirectory);
  const changed = differingSplit(tokens, tokenDigests(dataset));
  if (changed !== undefined) {
    throw new InputError(
      'dataset',
      `dataset ${config.dataset.name}: the ${changed} split has changed since this comparison began; compare anew into another folder`,
    );
  }
  const { name, device, compile } = await selectBackend({ ...config.backend, threads }, 'train');
  const versions = { ...softwareVersions(name), ...program.versions };
  const environment = { versions, backend: { name, device, threads }, gitCommit: program.gitCommit };
  await trainRun({ config, dataset, directory, resume, environment, compile, onEvent, signal });
  dataset.close();
}
