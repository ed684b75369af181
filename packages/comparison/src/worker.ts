// A process that trains one run of a comparison. It gets its job and gives its events over Node's process channel, so
// that a native crash costs one run, and several can train at a time.

import { selectBackend, softwareVersions } from '@dynact/backends';
import { prepareDataset } from '@dynact/data';
import { type TrainEvent, trainRun } from '@dynact/training';
import type { Job, WorkerMessage } from './messages.ts';

const controller = new AbortController();
// Ctrl-C reaches every process of the terminal; the parent says when to stop.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => controller.abort());
// Without a parent nobody would read the result: save and end.
process.on('disconnect', () => controller.abort());
process.once('message', (job: Job) => {
  void work(job).finally(() => process.disconnect?.());
});

async function work({ config, directory, resume, threads, folders, program }: Job): Promise<void> {
  try {
    const { name: source, encoding, vocabSize: vocabularySize } = config.dataset;
    const dataset = await prepareDataset({ source, ...folders, encoding, vocabularySize });
    const { name, device, compile } = await selectBackend({ ...config.backend, threads }, 'train');
    const versions = { ...softwareVersions(name), ...program.versions };
    const environment = { versions, backend: { name, device, threads }, gitCommit: program.gitCommit };
    const onEvent = (event: TrainEvent) => send({ kind: 'event', event });
    const { signal } = controller;
    const result = await trainRun({ config, dataset, directory, resume, environment, compile, onEvent, signal });
    dataset.close();
    await send({ kind: 'result', status: result.status });
  } catch (error) {
    const wrongInput = error instanceof Error && 'exitCode' in error && error.exitCode === 2;
    const message = error instanceof Error ? ((wrongInput ? undefined : error.stack) ?? error.message) : String(error);
    await send({ kind: 'error', message, wrongInput });
  }
}

function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) resolve();
    else process.send?.(message, undefined, undefined, () => resolve());
  });
}
