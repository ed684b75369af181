import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InputError, systemErrorCode } from '@dynact/files';

/**
 * A dataset is made in a hidden folder beside its place and moved there when it is complete. The folder outlives a
 * kill, so that the next call can go on; a lock keeps two calls from making the same one at once.
 */
export interface WorkingFolder {
  readonly directory: string;
  /** Puts the finished folder in its place, instead of what is there. */
  publish(): void;
  /** Removes every trace of the attempt. */
  discard(): void;
  /** Lets others in; what was done so far stays for the next call. */
  release(): void;
}

/** How often a holder shows that it lives, and after how long without a sign another may take the lock. */
const heartbeatMs = 1_000;
const staleAfterMs = 60_000;
const pollMs = 100;

/**
 * Waits while another process prepares the same dataset.
 * @param place the folder that will appear: datasets/<name>/<encoding>-<V>
 * @throws InputError when nothing can be written there
 */
export async function openWorkingFolder(place: string, signal: AbortSignal | undefined): Promise<WorkingFolder> {
  const parent = dirname(place);
  const directory = join(parent, `.${basename(place)}.partial`);
  const lock = join(parent, `.${basename(place)}.lock`);
  for (;;) {
    signal?.throwIfAborted();
    try {
      mkdirSync(parent, { recursive: true });
      if (takeLock(lock)) break;
    } catch (error) {
      removeIfEmpty(parent);
      throw error;
    }
    await delay(pollMs, undefined, signal ? { signal } : {});
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(lock, now, now);
    } catch {
      // The folder was removed under us; writing to it will say so.
    }
  }, heartbeatMs);
  heartbeat.unref();
  const release = (): void => {
    clearInterval(heartbeat);
    rmSync(lock, { force: true });
  };
  return {
    directory,
    publish() {
      const old = join(parent, `.${basename(place)}.old`);
      rmSync(old, { recursive: true, force: true });
      if (existsSync(place)) renameSync(place, old);
      renameSync(directory, place);
      rmSync(old, { recursive: true, force: true });
    },
    discard() {
      rmSync(directory, { recursive: true, force: true });
      release();
      removeIfEmpty(parent);
    },
    release,
  };
}

function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    // A holder that failed has just removed the folder around the lock.
    if (code === 'ENOENT') return false;
    if (code !== 'EEXIST') {
      // On a full disk the file is there, but what should be in it is not.
      rmSync(lock, { force: true });
      throw error;
    }
  }
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    const age = Date.now() - statSync(lock).mtimeMs;
    // A lock is written in two steps, so a young one may still be empty.
    const isAlive = holder > 0 ? processLives(holder) : age < heartbeatMs;
    if (!isAlive || age > staleAfterMs) rmSync(lock, { force: true });
  } catch (error) {
    // Released while we looked at it.
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
  return false;
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it lives.
    return systemErrorCode(error) === 'EPERM';
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Something else is in it, or it is not there: either way nothing of ours is left.
  }
}

const writeErrors = new Map([
  ['ENOSPC', 'no space is left on the disk: free some and try again'],
  ['EDQUOT', 'the disk quota is used up: free some space and try again'],
  ['EFBIG', 'the largest file size is reached: raise the limit ("ulimit -f") and try again'],
  ['EACCES', 'permission denied: change its permissions or give another folder'],
  ['EPERM', 'permission denied: change its permissions or give another folder'],
  ['EROFS', 'the file system is read-only: give another folder'],
  ['ENAMETOOLONG', 'its name is too long: give a shorter one'],
  ['ELOOP', 'links of the path lead in a circle: give another folder'],
  ['ENOTDIR', 'a part of the path is a file: give another folder'],
]);

/** The message when the disk does not take the dataset; any other error is passed on as it is. */
export function unwritable(place: string, error: unknown): unknown {
  const reason = writeErrors.get(systemErrorCode(error) ?? '');
  return error instanceof InputError || reason === undefined
    ? error
    : new InputError('file', `${place} cannot be written, ${reason}`);
}
