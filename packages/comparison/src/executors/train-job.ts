import { openDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { loadPlugins } from '@dynact/plugins';
import { differingSplit } from '@dynact/runs/records';
import { type TrainRunResult, tokenDigests } from '@dynact/training';
import type { Job } from './executor.ts';
import type { JobSurroundings } from './serve-job.ts';
import { trainHere } from './train-here.ts';

/** Trains one run of a language model: starts it, goes on with it, or returns where it is over. */
export async function trainJob(job: Job, { signal, onEvent }: JobSurroundings): Promise<TrainRunResult> {
  const { config, directory, threads, datasetDirectory, tokens, program, plugins } = job;
  loadPlugins(
    plugins.map(({ file }) => file),
    [{ where: directory, plugins }],
  );
  const dataset = await openDataset(datasetDirectory);
  try {
    const changed = differingSplit(tokens, tokenDigests(dataset));
    if (changed !== undefined) {
      throw new InputError(
        'dataset',
        `dataset ${config.dataset.name}: the ${changed} split has changed since this comparison began; compare anew into another folder`,
      );
    }
    return await trainHere({ config, dataset, directory, resume: 'if-there', program, threads, onEvent, signal });
  } finally {
    dataset.close();
  }
}
