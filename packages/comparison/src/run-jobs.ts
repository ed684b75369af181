import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Interrupted } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import type { TrainEvent } from '@dynact/training';
import type { Job, WorkerMessage } from './messages.ts';

/** A job with the name that its progress has. */
export interface NamedJob extends Job {
  readonly name: string;
}

/** Sees the events of every run, with the run's name. */
export type OnRunEvent = (name: string, event: TrainEvent) => void;

/**
 * Runs jobs in processes of their own, `limit` at a time. The first that fails stops the others, which save their work.
 * @throws InputError for wrong input found by a worker, Interrupted when the signal aborts
 */
export async function runJobs(
  jobs: readonly NamedJob[],
  options: { limit: number; onEvent: OnRunEvent; signal: AbortSignal },
): Promise<void> {
  const { limit, onEvent, signal } = options;
  const waiting = [...jobs];
  const running = new Set<ChildProcess>();
  const stop = () => {
    waiting.length = 0;
    for (const child of running) child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop);
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      try {
        await runJob(job, onEvent, running);
      } catch (error) {
        stop();
        throw error;
      }
    }
  };
  try {
    const lanes = await Promise.allSettled(Array.from({ length: Math.min(limit, jobs.length) }, lane));
    if (signal.aborted)
      throw new Interrupted('stopped; every run in progress saved a checkpoint. Call it again to go on.');
    const failed = lanes.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function runJob({ name, ...job }: NamedJob, onEvent: OnRunEvent, running: Set<ChildProcess>): Promise<void> {
  return new Promise((resolve, reject) => {
    // The worker's own output goes to stderr: stdout carries the result of the comparison alone.
    const child = fork(fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url)), { stdio: ['ignore', 2, 2, 'ipc'] });
    running.add(child);
    let result: Exclude<WorkerMessage, { kind: 'event' }> | undefined;
    child.on('message', (message: WorkerMessage) => {
      if (message.kind === 'event') onEvent(name, message.event);
      else result = message;
    });
    child.on('error', reject);
    child.on('exit', (code, killedBy) => {
      running.delete(child);
      if (result?.kind === 'result') resolve();
      else if (result?.kind === 'error') {
        reject(
          result.wrongInput ? new InputError('comparison', result.message) : new Error(`${name}: ${result.message}`),
        );
      } else {
        // What Linux does to the process that takes the most when memory is used up.
        const why =
          killedBy === 'SIGKILL' ? 'SIGKILL: out of memory, or killed by hand' : (killedBy ?? `exit code ${code}`);
        reject(new Error(`${name}: its process ended without a result (${why})`));
      }
    });
    child.send(job);
  });
}
