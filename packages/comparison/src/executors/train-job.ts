import { openDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { loadPlugins } from '@dynact/plugins';
import { differingSplit } from '@dynact/runs/records';
import { tokenDigests } from '../token-digests.ts';
import type { Job } from './executor.ts';
import type { JobSurroundings } from './serve-job.ts';
import { trainHere } from './train-here.ts';

/** Trains one run of a language model. */
export async function trainJob(job: Job, { signal, onEvent }: JobSurroundings): Promise<void> {
  const { config, directory, resume, threads, datasetDirectory, tokens, program, plugins } = job;
  loadPlugins(
    plugins.map(({ file }) => file),
    [{ where: directory, plugins }],
  );
  const dataset = await openDataset(datasetDirectory);
  const changed = differingSplit(tokens, tokenDigests(dataset));
  if (changed !== undefined) {
    throw new InputError(
      'dataset',
      `dataset ${config.dataset.name}: the ${changed} split has changed since this comparison began; compare anew into another folder`,
    );
  }
  await trainHere({ config, dataset, directory, resume, program, threads, onEvent, signal });
  dataset.close();
}
