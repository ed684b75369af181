import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { breakLock, readJson } from '@dynact/files';
import { executorSchema } from '@dynact/training';
import { z } from 'zod';
import type { JobState } from '../executor.ts';
import { slurm } from './commands.ts';
import { type Failure, readFailure } from './failures.ts';

/** Runs handed to Slurm at a time, written before they are: a submitter that dies in between loses nothing. */
const submissionSchema = z.object({
  /** By which squeue knows it. */
  jobName: z.string(),
  /** Names of the runs, in the order of the array's tasks. */
  runs: z.array(z.string()),
  options: executorSchema,
});

export type SlurmOptions = Extract<z.infer<typeof executorSchema>, { kind: 'slurm' }>;

/** A task of ours that Slurm holds. */
export interface Task {
  /** The run. */
  readonly name: string;
  readonly state: Exclude<JobState, 'gone'>;
  /** As squeue names it: `17_3`. */
  readonly id: string;
  /** The node, or in parentheses why it waits. */
  readonly where: string;
}

const format = '%j|%F|%K|%T|%R';
const waiting = new Set(['PENDING', 'CONFIGURING', 'REQUEUED', 'REQUEUE_HOLD', 'SPECIAL_EXIT']);

/** The runs of a comparison that are on a cluster. Slurm is asked who is queued or running; what came of a run its folder says. */
export class SlurmQueue {
  /** Folder of the submissions, in the comparison's. */
  readonly directory: string;

  constructor(comparison: string) {
    this.directory = join(comparison, 'cluster');
  }

  /** @throws InputError where no cluster answers: to be known before a folder is made for it */
  static async check(): Promise<void> {
    await heldJobs();
  }

  /** Whether anything was ever submitted. */
  get isUsed(): boolean {
    return existsSync(this.directory);
  }

  /** Folders of the submissions, the newest last. */
  submissions(): (z.infer<typeof submissionSchema> & { directory: string })[] {
    if (!this.isUsed) return [];
    return readdirSync(this.directory)
      .filter((name) => existsSync(join(this.directory, name, 'submission.json')))
      .sort()
      .map((name) => {
        const directory = join(this.directory, name);
        const path = join(directory, 'submission.json');
        return { directory, ...readJson(path, submissionSchema, 'delete that folder once its jobs are gone') };
      });
  }

  /** Those of the newest submission, for the runs that are missing after it; undefined before the first. */
  get options(): z.infer<typeof executorSchema> | undefined {
    return this.submissions().at(-1)?.options;
  }

  /** Those of our runs that are queued or running. */
  async tasks(): Promise<Task[]> {
    const submissions = new Map(this.submissions().map((each) => [each.jobName, each]));
    if (submissions.size === 0) return [];
    return (await heldJobs()).flatMap(({ jobName, id, task, state, where }): Task[] => {
      const name = submissions.get(jobName)?.runs[Number(task)];
      return name === undefined ? [] : [{ name, id, where, state: waiting.has(state) ? 'queued' : 'running' }];
    });
  }

  /** Why the newest job of a run ended without a result. */
  failure(run: string): Failure {
    const submission = this.submissions().findLast(({ runs }) => runs.includes(run));
    if (submission === undefined) return { message: 'it was never submitted', isWrongInput: false };
    return readFailure(submission.directory, submission.runs.indexOf(run));
  }

  /** Takes away the locks that jobs of a cluster left in the folders of runs, of those that Slurm no longer holds. */
  async breakLocks(directories: readonly string[]): Promise<void> {
    const held = new Set((await heldJobs()).map(({ id }) => id));
    for (const directory of directories) breakLock(directory, (id) => !held.has(id));
  }

  /** Ends what runs after its step, saved, and takes the rest from the queue. @returns how many there were */
  async cancel(): Promise<number> {
    const tasks = await this.tasks();
    if (tasks.length > 0)
      await slurm(
        'scancel',
        tasks.map(({ id }) => id),
      );
    return tasks.length;
  }
}

/** Every job of the user that has not ended; `id` is that of a lock's attempt. */
async function heldJobs() {
  const lines = (await slurm('squeue', ['--me', '--noheader', '--array', `--format=${format}`])).split('\n');
  return lines.filter(Boolean).map((line) => {
    const [jobName = '', job = '', task = '', state = '', ...where] = line.split('|');
    return { jobName, id: /^\d+$/.test(task) ? `${job}_${task}` : job, task, state, where: where.join('|') };
  });
}
