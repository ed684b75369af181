import { linkSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { temporaryPath, writeFileSynced } from './files.ts';
import { InputError, systemErrorCode } from './input-error.ts';

const holderSchema = z.object({ pid: z.int().positive(), host: z.string(), startedAt: z.string().nullable() });
type Holder = z.infer<typeof holderSchema>;

/** A held lock; `release` may be called more than once. */
export interface FolderLock {
  release(): void;
}

const unusable = new Set(['EACCES', 'EEXIST', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS']);

/** What the user's choice of folder makes impossible is theirs to put right. */
function refusing(directory: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined || !unusable.has(code)) throw error;
    throw new InputError('file', `${directory} cannot be written (${code}); choose another folder`);
  }
}

/**
 * Takes the right to write into a folder (file `.lock` with the process that holds it), so that two processes cannot mix
 * their records. The lock of a process that no longer lives is taken over. Throws `InputError` when another one lives.
 */
export function lockFolder(directory: string): FolderLock {
  refusing(directory, () => mkdirSync(directory, { recursive: true }));
  const path = join(directory, '.lock');
  const own = JSON.stringify({ pid: process.pid, host: hostname(), startedAt: startOf(process.pid) } satisfies Holder);
  const temporary = temporaryPath(path);
  refusing(directory, () => writeFileSynced(temporary, own));
  try {
    // Someone else may take the lock between our look at it and our next try; a few rounds settle that.
    for (let round = 0; round < 10; round += 1) {
      try {
        // A link appears at once and complete, and fails where the name is taken.
        linkSync(temporary, path);
        return heldLock(path, own);
      } catch (error) {
        const code = systemErrorCode(error);
        if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
        // The holder, opening the folder at this moment, took our file for a leftover.
        if (code === 'ENOENT') writeFileSynced(temporary, own);
      }
      const text = readIfThere(path);
      if (text === undefined) continue;
      const holder = parseHolder(text);
      if (holder !== undefined && isAlive(holder)) {
        const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
        throw new InputError(
          'file',
          `${directory} is being written by process ${holder.pid}${where}; wait for it or stop it (if it is gone for sure, delete ${path})`,
        );
      }
      setAside(path, text);
    }
  } finally {
    rmSync(temporary, { force: true });
  }
  throw new InputError('file', `${directory} is being opened by several processes at once; start one after the other`);
}

function heldLock(path: string, own: string): FolderLock {
  let held = true;
  return {
    release() {
      // A second call must not remove a lock that this process has taken again since.
      if (held && readIfThere(path) === own) rmSync(path, { force: true });
      held = false;
    },
  };
}

/** Removes a stale lock; puts it back when it turns out to be a new one that was taken in between. */
function setAside(path: string, stale: string): void {
  const aside = temporaryPath(path);
  try {
    renameSync(path, aside);
    if (readIfThere(aside) !== stale) linkSync(aside, path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  // A process of another machine cannot be asked, so it counts as alive.
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return false;
  }
  const startedAt = startOf(holder.pid);
  return startedAt === null || holder.startedAt === null || startedAt === holder.startedAt;
}

/** When a process started, in the kernel's ticks: tells a process from a later one with the same number. Linux only. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in parentheses, may hold spaces: count the fields after it (start time is the 22nd).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
