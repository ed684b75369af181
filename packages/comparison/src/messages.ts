import type { DatasetFolders } from '@dynact/data';
import type { Config, TrainEvent } from '@dynact/training';

/** The program that trains, as runs record it. */
export interface ProgramIdentity {
  readonly versions: Record<string, string>;
  readonly gitCommit: string | null;
}

/** What the parent tells a worker: one run to train. */
export interface Job {
  readonly config: Config;
  readonly directory: string;
  readonly resume: boolean;
  /** Threads of the backend: the machine's cores are shared among the jobs. */
  readonly threads: number;
  readonly folders: DatasetFolders;
  readonly program: ProgramIdentity;
}

/** What a worker tells its parent. */
export type WorkerMessage =
  | { readonly kind: 'event'; readonly event: TrainEvent }
  | { readonly kind: 'result'; readonly status: 'finished' | 'diverged' | 'interrupted' }
  | { readonly kind: 'error'; readonly message: string; readonly wrongInput: boolean };
