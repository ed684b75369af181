import { outliveReaders } from '@dynact/command-line';
import type { TrainEvent } from '@dynact/training';
import type { NamedJob } from './executor.ts';
import { failureOf, type WorkerMessage } from './worker-messages.ts';

/** Surroundings of a job: given to the program of a worker process. */
export interface JobSurroundings {
  /** Aborts when the parent wants the work saved and ended. */
  readonly signal: AbortSignal;
  onEvent(event: TrainEvent): void;
}

/** Makes this process a worker of `Processes`: it gets one job, and gives its events, over Node's process channel. */
export function serveJob<J extends NamedJob>(work: (job: J, surroundings: JobSurroundings) => Promise<unknown>): void {
  const controller = new AbortController();
  outliveReaders();
  // Ctrl-C and a closed terminal reach every process of it; the parent says when to stop.
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', () => controller.abort());
  // Without a parent nobody would read the result: save and end.
  process.on('disconnect', () => controller.abort());
  const onEvent = (event: TrainEvent) => void send({ kind: 'event', event });
  process.once('message', (job: J) => {
    void work(job, { signal: controller.signal, onEvent })
      .then((): WorkerMessage => ({ kind: 'result' }), failureOf)
      .then(send)
      .finally(() => process.connected && process.disconnect());
  });
}

function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) resolve();
    else process.send?.(message, undefined, undefined, () => resolve());
  });
}
