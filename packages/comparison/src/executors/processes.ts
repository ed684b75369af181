import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrainEvent } from '@dynact/training';
import type { Executor, FailedJob, Job, JobState, NamedJob } from './executor.ts';
import type { WorkerMessage, WorkerOutcome } from './worker-messages.ts';

/** Sees the events of every run, with the run's name. */
export type OnRunEvent = (name: string, event: TrainEvent) => void;

/** Trains runs in processes of this machine, so many at a time. */
export class Processes<J extends NamedJob = Job> implements Executor<J> {
  readonly #limit: number;
  readonly #onEvent: OnRunEvent;
  readonly #worker: URL;
  readonly #states = new Map<string, JobState>();
  readonly #waiting: J[] = [];
  readonly #running = new Set<ChildProcess>();
  readonly #failed: FailedJob[] = [];
  #settled: Promise<unknown> = Promise.resolve();
  #isCancelled = false;

  /** @param worker the program of the processes */
  constructor(
    limit: number,
    onEvent: OnRunEvent,
    worker = new URL(`./worker${extname(import.meta.url)}`, import.meta.url),
  ) {
    this.#limit = limit;
    this.#onEvent = onEvent;
    this.#worker = worker;
  }

  describe(): string {
    return this.#limit === 1 ? '1 process' : `${this.#limit} processes`;
  }

  async submit(jobs: readonly J[]): Promise<void> {
    for (const job of jobs) this.#states.set(job.name, 'queued');
    this.#waiting.push(...jobs);
    const lanes = Array.from({ length: Math.min(this.#limit, jobs.length) }, () => this.#lane());
    this.#settled = Promise.all([this.#settled, ...lanes]);
  }

  async states(): Promise<ReadonlyMap<string, JobState>> {
    return this.#states;
  }

  async settled(): Promise<readonly FailedJob[]> {
    await this.#settled;
    return this.#failed;
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true;
    this.#waiting.length = 0;
    for (const child of this.#running) child.kill('SIGTERM');
  }

  async #lane(): Promise<void> {
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      const { name } = job;
      this.#states.set(name, 'running');
      const outcome = await this.#run(job);
      this.#states.set(name, outcome === 'unread' ? 'queued' : 'gone');
      if (outcome !== 'unread' && outcome.kind === 'error') {
        this.#failed.push({ name, reason: outcome.message, isWrongInput: outcome.isWrongInput });
      }
    }
  }

  /** @returns `unread` where the process was told to end before it had read its job */
  #run(job: J): Promise<WorkerOutcome | 'unread'> {
    return new Promise((resolve) => {
      // The worker's own output goes to stderr: stdout carries the result of the comparison alone.
      const child = fork(fileURLToPath(this.#worker), { stdio: ['ignore', 2, 2, 'ipc'] });
      this.#running.add(child);
      let outcome: WorkerOutcome | undefined;
      let isHeard = false;
      const end = (message: string, isUnread = false) => {
        this.#running.delete(child);
        resolve(outcome ?? (isUnread ? 'unread' : { kind: 'error', message, isWrongInput: false }));
      };
      child.on('message', (message: WorkerMessage) => {
        isHeard = true;
        if (message.kind === 'event') this.#onEvent(job.name, message.event);
        else outcome = message;
      });
      child.on('error', (error) => end(error.message));
      child.on('exit', (code, killedBy) => {
        // Linux does this to the process that takes the most when memory is used up.
        const killed = killedBy === 'SIGKILL' ? 'SIGKILL: out of memory, or killed by hand' : killedBy;
        // One that has begun has said so.
        const isUnread = this.#isCancelled && !isHeard && killedBy === 'SIGTERM';
        end(`its process ended without a result (${killed ?? `exit code ${code}`})`, isUnread);
      });
      child.send(job);
    });
  }
}
