import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { systemErrorCode } from './input-error.ts';

const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** Tells a process from a later one with the same number. */
  startedAt: z.string().nullable(),
  /** Which attempt of which job of a cluster's engine the process is. */
  attempt: z.object({ job: z.string(), restarts: z.int().nonnegative() }).nullable().default(null),
  /** Tells a lock from a later one of the same process. */
  token: z.string().default(''),
});

/** The process that a lock names. */
export type Holder = z.infer<typeof holderSchema>;

/** This process, with a token that no other lock has. */
export function ownHolder(): Holder {
  const { pid } = process;
  return { pid, host: hostname(), startedAt: seen(pid)?.startedAt ?? null, attempt: ownAttempt(), token: randomUUID() };
}

/** @returns undefined for text that a crash or a stranger left */
export function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Whether the engine started `own` again in place of `other`, which may go on on a node that is cut off. */
export function isLaterAttempt(own: Holder, other: Holder): boolean {
  if (own.attempt === null || other.attempt === null) return false;
  return own.attempt.job === other.attempt.job && own.attempt.restarts > other.attempt.restarts;
}

/** Whether a lock's process lives. One of another machine cannot be asked, so it counts as alive. */
export function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return false;
  }
  const found = seen(holder.pid);
  if (found === null) return true;
  // Ended, and not yet asked after by its parent: some parents, as a container's first process, never ask.
  if (found.state === 'Z' || found.state === 'X') return false;
  return holder.startedAt === null || found.startedAt === holder.startedAt;
}

/** Slurm's numbers of the job and of its restarts; null elsewhere. */
function ownAttempt(): Holder['attempt'] {
  const { SLURM_JOB_ID, SLURM_ARRAY_JOB_ID: job = SLURM_JOB_ID } = process.env;
  const { SLURM_ARRAY_TASK_ID: task, SLURM_RESTART_COUNT: restarts = '0' } = process.env;
  if (job === undefined || !/^\d{1,9}$/.test(restarts)) return null;
  // As squeue names them.
  return { job: task === undefined ? job : `${job}_${task}`, restarts: Number(restarts) };
}

/** State of a process, one letter, and when it started, in the kernel's ticks. Linux only: null elsewhere, and where it is gone. */
function seen(pid: number): { readonly state: string; readonly startedAt: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in parentheses, may hold spaces: count the fields after it (start time is the 22nd).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0]!, startedAt: fields[19]! };
  } catch {
    return null;
  }
}
