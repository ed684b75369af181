// A process that trains one run of a comparison. It gets its job and gives its events over Node's process channel, so
// that a native crash costs one run, and several can train at a time.

import { outliveReaders } from '@dynact/command-line';
import { openDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { loadPlugins } from '@dynact/plugins';
import { differingSplit } from '@dynact/runs/records';
import type { TrainEvent } from '@dynact/training';
import { tokenDigests } from '../token-digests.ts';
import type { Job } from './executor.ts';
import { trainHere } from './train-here.ts';
import type { WorkerMessage } from './worker-messages.ts';

const controller = new AbortController();
outliveReaders();
// Ctrl-C and a closed terminal reach every process of it; the parent says when to stop.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('SIGTERM', () => controller.abort());
// Without a parent nobody would read the result: save and end.
process.on('disconnect', () => controller.abort());
process.once('message', (job: Job) => {
  void work(job).finally(() => process.disconnect?.());
});

async function work({
  config,
  directory,
  resume,
  threads,
  datasetDirectory,
  tokens,
  program,
  plugins,
}: Job): Promise<void> {
  try {
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
    const onEvent = (event: TrainEvent) => send({ kind: 'event', event });
    const { signal } = controller;
    await trainHere({ config, dataset, directory, resume, program, threads, onEvent, signal });
    dataset.close();
    await send({ kind: 'result' });
  } catch (error) {
    const isWrongInput = error instanceof Error && 'exitCode' in error && error.exitCode === 2;
    const message =
      error instanceof Error ? ((isWrongInput ? undefined : error.stack) ?? error.message) : String(error);
    await send({ kind: 'error', message, isWrongInput });
  }
}

function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) resolve();
    else process.send?.(message, undefined, undefined, () => resolve());
  });
}
