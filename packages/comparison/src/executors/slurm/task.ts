// The program of one task of a job array: `node task.js JOB.json`. It starts the run or goes on with it, saves when it is
// told to end, and says how it ended by its exit code: 2 is not worth another try, 75 is.

import { readFileSync } from 'node:fs';
import { exitCodes, report } from '@dynact/command-line';
import { writeJsonAtomic } from '@dynact/files';
import type { Job } from '../executor.ts';
import { failureOf } from '../worker-messages.ts';
import { slurm } from './commands.ts';
import { failureFile } from './failures.ts';

const [path = ''] = process.argv.slice(2);
const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task, SLURM_RESTART_COUNT: restarts = '0' } = process.env;
const controller = new AbortController();
// More than one may come: of a preemption and of the end that follows it.
process.on('SIGTERM', () => controller.abort());
// Loaded after that: a signal that came before would end the job for good.
const { trainJob } = await import('../train-job.ts');

try {
  const job = JSON.parse(readFileSync(path, 'utf8')) as Job;
  const { status } = await trainJob(job, { signal: controller.signal, onEvent() {} });
  if (status === 'interrupted') {
    process.exitCode = exitCodes.callAgain;
    await askForMore(`${array}_${task}`);
  }
} catch (error) {
  const { message, isWrongInput } = failureOf(error);
  writeJsonAtomic(failureFile(path, Number(restarts)), { message, isWrongInput });
  process.exitCode = report(error);
}

/** Where a job still counts as running, its time limit is near and nobody else begins it again. */
async function askForMore(id: string): Promise<void> {
  const state = await slurm('squeue', ['--noheader', `--jobs=${id}`, '--format=%T']);
  if (state.trim() === 'RUNNING') await slurm('scontrol', ['requeue', id]);
}
