import type { Executor, FailedJob, JobState, NamedJob } from './executor.ts';
import type { OnRunEvent } from './processes.ts';
import type { JobSurroundings } from './serve-job.ts';
import { failureOf } from './worker-messages.ts';

/** Does a job in the process that it is called in. */
export type Work<J extends NamedJob> = (job: J, surroundings: JobSurroundings) => Promise<unknown>;

/** Trains runs one after another in this process: many short ones, which would take longer to start than to train. */
export class InProcess<J extends NamedJob> implements Executor<J> {
  readonly #work: Work<J>;
  readonly #onEvent: OnRunEvent;
  readonly #states = new Map<string, JobState>();
  readonly #failed: FailedJob[] = [];
  readonly #controller = new AbortController();
  #settled: Promise<void> = Promise.resolve();

  constructor(work: Work<J>, onEvent: OnRunEvent) {
    this.#work = work;
    this.#onEvent = onEvent;
  }

  describe(): string {
    return 'this process';
  }

  async submit(jobs: readonly J[]): Promise<void> {
    for (const { name } of jobs) this.#states.set(name, 'queued');
    this.#settled = this.#settled.then(async () => {
      for (const job of jobs) await this.#run(job);
    });
  }

  async states(): Promise<ReadonlyMap<string, JobState>> {
    return this.#states;
  }

  async settled(): Promise<readonly FailedJob[]> {
    await this.#settled;
    return this.#failed;
  }

  async cancel(): Promise<void> {
    this.#controller.abort();
  }

  async #run(job: J): Promise<void> {
    const { signal } = this.#controller;
    if (signal.aborted) return;
    this.#states.set(job.name, 'running');
    try {
      await this.#work(job, { signal, onEvent: (event) => this.#onEvent(job.name, event) });
    } catch (error) {
      const { message, isWrongInput } = failureOf(error);
      this.#failed.push({ name: job.name, reason: message, isWrongInput });
    }
    this.#states.set(job.name, 'gone');
  }
}
