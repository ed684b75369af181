import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeFileSynced, writeFully } from './files.ts';
import { makeFolder, temporaryPath } from './folders.ts';
import { type Holder, isAlive, isLaterAttempt, ownHolder, parseHolder } from './holder.ts';
import { InputError, systemErrorCode, unwritable } from './input-error.ts';

/** A held lock. */
export interface FolderLock {
  /**
   * Reads the lock again: to be called before every write that others rely on.
   * @throws InputError (busy) when another process has taken it over; from then on this one must write nothing more
   */
  assertHeld(): void;
  /** Gives the lock back, unless it is another's by now; may be called more than once. */
  release(): void;
}

/** How file systems say that they have no hard links (FAT, many network and FUSE ones). */
const withoutLinks = new Set(['EPERM', 'EACCES', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'UNKNOWN']);
/** How long a lock may be empty while its holder writes it, where it cannot appear complete. */
const writingMs = 250;

/**
 * Takes the right to write into a folder (a file in it says which process has it), so that two processes cannot mix their
 * records. Taken over are the locks of a process that no longer lives, and of an earlier attempt of the same cluster job.
 * @param name the file's name; several locks may lie in one folder
 * @throws InputError (busy) while another process holds it, (file) where the folder cannot be written
 */
export function lockFolder(directory: string, name = '.lock'): FolderLock {
  const path = join(directory, name);
  const holder = ownHolder();
  const own = JSON.stringify(holder);
  const temporary = temporaryPath(path);
  makeFolder(directory);
  try {
    // Someone else may take the lock between our look at it and our next try; a few rounds settle that.
    for (let round = 0; round < 10; round += 1) {
      if (appear(path, temporary, own)) return heldLock(directory, path, own);
      const text = readIfThere(path);
      if (text === undefined) continue;
      const other = parseHolder(text);
      if (other === undefined && isBeingWritten(path, text)) continue;
      if (other !== undefined && !isLaterAttempt(holder, other) && isAlive(other)) {
        throw new InputError(
          'busy',
          `${directory} is being written by ${nameOf(other)}; wait for it or stop it (if it is gone for sure, delete ${path})`,
        );
      }
      setAside(path, text);
    }
  } catch (error) {
    throw unwritable(directory, error);
  } finally {
    rmSync(temporary, { force: true });
  }
  throw new InputError('busy', `${directory} is being opened by several processes at once; start one after the other`);
}

/**
 * Takes away the lock of a cluster's job that is over without having given it back. A process of it that goes on, on a node
 * that is cut off, writes nothing more.
 * @param isOver whether the engine has ended a job, named as squeue does: `17`, or `17_3` of an array
 */
export function breakLock(directory: string, isOver: (job: string) => boolean, name = '.lock'): void {
  const path = join(directory, name);
  const text = readIfThere(path);
  const attempt = text === undefined ? undefined : parseHolder(text)?.attempt;
  if (text !== undefined && attempt && isOver(attempt.job)) setAside(path, text);
}

/** Whether a living process, as far as can be told from here, has the right to write into a folder; takes nothing. */
export function isFolderHeld(directory: string, name = '.lock'): boolean {
  const path = join(directory, name);
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  const holder = parseHolder(readIfThere(path) ?? '');
  return holder !== undefined && isAlive(holder);
}

function heldLock(directory: string, path: string, own: string): FolderLock {
  let held = true;
  return {
    assertHeld() {
      const text = held ? readIfThere(path) : undefined;
      if (text === own) return;
      held = false;
      const other = text === undefined ? undefined : parseHolder(text);
      const taker = other === undefined ? 'is no longer held by this process' : `was taken over by ${nameOf(other)}`;
      throw new InputError('busy', `${directory} ${taker}, so this process stops and writes nothing more into it`);
    },
    release() {
      if (held && readIfThere(path) === own) setAside(path, own);
      held = false;
    },
  };
}

function nameOf({ pid, host }: Holder): string {
  return `process ${pid}${host === ownHolder().host ? '' : ` on ${host}`}`;
}

/** Makes the lock's file, complete where the file system can do so. @returns false where the name is taken */
function appear(path: string, temporary: string, own: string): boolean {
  writeFileSynced(temporary, own);
  try {
    // A link appears at once and complete, and fails where the name is taken.
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    // ENOENT: the holder, opening the folder at this moment, took our file for a leftover.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    if (!withoutLinks.has(code ?? '')) throw error;
  }
  return writeExclusive(path, own);
}

function writeExclusive(path: string, own: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx');
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    writeFully(descriptor, Buffer.from(own));
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  // Another process may have met it while it was empty, and set it aside.
  return readIfThere(path) === own;
}

/** Waits until a lock that says nothing has had time to be written. @returns whether it has changed since */
function isBeingWritten(path: string, text: string): boolean {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, writingMs);
  return readIfThere(path) !== text;
}

/** Removes a lock that says `text`; puts it back when it turns out to be a new one that was taken in between. */
function setAside(path: string, text: string): void {
  const aside = temporaryPath(path);
  try {
    renameSync(path, aside);
    if (readIfThere(aside) !== text) copyFileSync(aside, path, constants.COPYFILE_EXCL);
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
