import { randomBytes } from 'node:crypto';
import { extname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { calledAs, shellQuoted } from '@dynact/command-line';
import { InputError, makeFolder, writeJsonAtomic } from '@dynact/files';
import { readRunFolder } from '@dynact/runs';
import type { Executor, FailedJob, Job, JobState } from '../executor.ts';
import type { OnRunEvent } from '../processes.ts';
import { slurm } from './commands.ts';
import { type SlurmOptions, SlurmQueue, type Task } from './queue.ts';
import { RunFollower } from './run-follower.ts';

/** Looks in vain after which a controller that does not answer is given up. */
const patience = 60;
/** How long before its time limit a job is told, so that it saves; half of it where that is short. */
const warningSeconds = 120;

/** Trains runs as job arrays of a Slurm cluster. The folder of the comparison must be one that every node sees. */
export class Slurm implements Executor {
  readonly #queue: SlurmQueue;
  readonly #options: SlurmOptions;
  readonly #onEvent: OnRunEvent;
  readonly #pollMs: number;
  readonly #program: URL;
  readonly #jobs: Job[] = [];
  readonly #left = new AbortController();

  /**
   * @param comparison its folder
   * @param pollMs between two looks
   */
  constructor(comparison: string, options: SlurmOptions, onEvent: OnRunEvent, pollMs = 5000) {
    this.#queue = new SlurmQueue(resolve(comparison));
    this.#options = options;
    this.#onEvent = onEvent;
    this.#pollMs = pollMs;
    this.#program = new URL(`./task${extname(import.meta.url)}`, import.meta.url);
  }

  describe(): string {
    const { partition } = this.#options;
    return partition === undefined ? 'Slurm' : `Slurm's partition ${partition}`;
  }

  /** Hands over those that are not with Slurm already. */
  async submit(jobs: readonly Job[]): Promise<void> {
    const held = new Set((await this.#queue.tasks()).map(({ name }) => name));
    const fresh = jobs.filter(({ name }) => !held.has(name));
    this.#jobs.push(...jobs);
    if (fresh.length === 0) return;
    await this.#queue.breakLocks(fresh.map(({ directory }) => directory));
    const jobName = `dynact-${randomBytes(6).toString('hex')}`;
    const count = String(this.#queue.submissions().length).padStart(4, '0');
    const directory = join(this.#queue.directory, `${count}-${jobName}`);
    makeFolder(directory);
    for (const [task, job] of fresh.entries()) writeJsonAtomic(join(directory, `${task}.json`), job);
    writeJsonAtomic(join(directory, 'submission.json'), {
      jobName,
      runs: fresh.map(({ name }) => name),
      options: this.#options,
    });
    await slurm('sbatch', this.#parameters(jobName, directory, fresh), this.#script(directory));
  }

  async states(): Promise<ReadonlyMap<string, JobState>> {
    const tasks = new Map((await this.#queue.tasks()).map(({ name, state }) => [name, state]));
    return new Map(this.#jobs.map(({ name }) => [name, tasks.get(name) ?? 'gone']));
  }

  async settled(): Promise<readonly FailedJob[]> {
    const followers = this.#jobs.map(({ name, directory, config }) => {
      return new RunFollower(directory, config.training.steps, (event) => this.#onEvent(name, event));
    });
    // Once more after the last has gone: a shared file system may show its end late.
    for (let looksAfterEnd = 0; looksAfterEnd < 2 && !this.#left.signal.aborted; ) {
      const names = new Set((await this.#patientTasks()).map(({ name }) => name));
      for (const follower of followers) follower.look();
      const goesOn = this.#jobs.some(({ name }) => names.has(name));
      looksAfterEnd = goesOn ? 0 : looksAfterEnd + 1;
      if (this.#jobs.every(hasEnded)) break;
      await setTimeout(this.#pollMs, undefined, { signal: this.#left.signal }).catch(() => {});
    }
    if (this.#left.signal.aborted) return [];
    return this.#jobs
      .filter((job) => !hasEnded(job))
      .map(({ name }) => {
        const { message, isWrongInput } = this.#queue.failure(name);
        return { name, reason: message, isWrongInput };
      });
  }

  async cancel(): Promise<void> {
    await this.#queue.cancel();
  }

  async leave(): Promise<string> {
    this.#left.abort();
    return `its runs go on on the cluster: ${calledAs()} status FOLDER says how far they are, ${calledAs()} cancel FOLDER ends them.`;
  }

  /** A controller that is restarted does not answer for a while. */
  async #patientTasks(): Promise<Task[]> {
    for (let looks = 1; ; looks += 1) {
      try {
        return await this.#queue.tasks();
      } catch (error) {
        if (!(error instanceof InputError) || looks === patience || this.#left.signal.aborted) throw error;
        await setTimeout(this.#pollMs);
      }
    }
  }

  #parameters(jobName: string, directory: string, jobs: readonly Job[]): string[] {
    const { concurrent, partition, minutes, memory, gpus, extra } = this.#options;
    const limit = concurrent === undefined ? '' : `%${concurrent}`;
    const warning = Math.min(warningSeconds, (minutes ?? Number.POSITIVE_INFINITY) * 30);
    return [
      `--job-name=${jobName}`,
      `--array=0-${jobs.length - 1}${limit}`,
      '--requeue',
      '--open-mode=append',
      `--signal=B:TERM@${warning}`,
      `--chdir=${process.cwd()}`,
      `--output=${directory.replaceAll('%', '%%')}/%a.log`,
      '--ntasks=1',
      `--cpus-per-task=${jobs[0]!.threads}`,
      ...(partition === undefined ? [] : [`--partition=${partition}`]),
      ...(minutes === undefined ? [] : [`--time=${minutes}`]),
      ...(memory === undefined ? [] : [`--mem=${memory}`]),
      ...(gpus === undefined ? [] : [`--gpus=${gpus}`]),
      ...extra,
    ];
  }

  /** The shell becomes the program, so that signals reach it. */
  #script(directory: string): string {
    const words = [process.execPath, ...process.execArgv, fileURLToPath(this.#program)].map(shellQuoted).join(' ');
    return `#!/bin/sh\nexec ${words} ${shellQuoted(directory)}/"$SLURM_ARRAY_TASK_ID".json\n`;
  }
}

function hasEnded({ directory, config }: Job): boolean {
  try {
    const summary = readRunFolder(directory).readSummary();
    return summary?.status === 'diverged' || (summary?.step ?? 0) >= config.training.steps;
  } catch {
    return false;
  }
}
