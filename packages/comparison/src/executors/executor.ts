import type { PluginRecord, TokenDigests } from '@dynact/runs/records';
import type { Config } from '@dynact/training';

/** The program that trains, as runs record it. */
export interface ProgramIdentity {
  readonly versions: Record<string, string>;
  readonly gitCommit: string | null;
}

/** Work for an executor. It is plain data: an executor may write it into a file, or send it to another machine. */
export interface NamedJob {
  /** For people: `swiglu seed 1`. */
  readonly name: string;
}

/** One run of a language model to train. */
export interface Job extends NamedJob {
  readonly config: Config;
  /** The run folder. */
  readonly directory: string;
  /** Threads of the backend. */
  readonly threads: number;
  /** The prepared dataset, which nobody prepares again. */
  readonly datasetDirectory: string;
  /** The tokens that the plan is about; others are refused. */
  readonly tokens: TokenDigests;
  readonly program: ProgramIdentity;
  /** Code of the user's own, which whoever submits the job has run already. */
  readonly plugins: PluginRecord[];
}

/** Where a job stands. `gone` says nothing of success: the summary in the run folder does. */
export type JobState = 'queued' | 'running' | 'gone';

/** A job that ended without a result. */
export interface FailedJob {
  readonly name: string;
  readonly reason: string;
  /** Whether the user has to mend something before it is worth another try. */
  readonly isWrongInput: boolean;
}

/** A place where runs are trained: processes of this machine, a cluster. */
export interface Executor<J extends NamedJob = Job> {
  /** For people: `2 processes`. */
  describe(): string;
  /** Takes the jobs over; they begin as there is room. */
  submit(jobs: readonly J[]): Promise<void>;
  /** The states of the jobs by name. */
  states(): Promise<ReadonlyMap<string, JobState>>;
  /** Resolves when every job is gone: one that fails does not stop the others. */
  settled(): Promise<readonly FailedJob[]>;
  /** Lets no further job begin, and asks those that run to save their work and end. */
  cancel(): Promise<void>;
  /**
   * Only where jobs go on without the caller: `settled` resolves soon, with nothing. Elsewhere a caller that ends cancels.
   * @returns what becomes of the jobs, for people
   */
  leave?(): Promise<string>;
}
