// A process that trains one run of a comparison. It gets its job and gives its events over Node's process channel, so
// that a native crash costs one run, and several can train at a time.

import { outliveReaders } from '@dynact/command-line';
import type { Job } from './executor.ts';
import { reasonOf, trainJob } from './train-job.ts';
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

async function work(job: Job): Promise<void> {
  try {
    await trainJob(job, controller.signal, (event) => void send({ kind: 'event', event }));
    await send({ kind: 'result' });
  } catch (error) {
    await send({ kind: 'error', ...reasonOf(error) });
  }
}

function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) resolve();
    else process.send?.(message, undefined, undefined, () => resolve());
  });
}
