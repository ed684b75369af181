import { existsSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type FolderLock, InputError, lockFolder, syncDirectory, systemErrorCode, temporaryPath } from '@dynact/files';
import { tokenFileName } from '../manifest.ts';

/**
 * A dataset is made in a hidden folder beside its place and moved there when it is complete. The folder outlives a
 * kill, so that the next call can go on; a lock keeps two calls from making the same one at once.
 */
export interface WorkingFolder {
  readonly directory: string;
  /** Before every write. @throws InputError (busy) when another process has taken the folder over */
  assertHeld(): void;
  /** Puts the finished folder in its place, instead of what is there; durable when it returns. */
  publish(): void;
  /** Removes every trace of the attempt. */
  discard(): void;
  /** Lets others in; what was done so far stays for the next call. */
  release(): void;
}

const pollMs = 100;
/** A holder that writes nothing for so long is taken for one that hangs, or for another machine's that is gone. */
const mostIdleMs = 600_000;
/** A folder that is removed so often in a row cannot be made. */
const mostGone = 20;

/**
 * Waits while another process prepares the same dataset.
 * @param place the folder that will appear: datasets/<name>/<encoding>-<V>
 * @throws InputError when nothing can be written there, or (busy) when the other process does nothing
 */
export async function openWorkingFolder(place: string, signal: AbortSignal | undefined): Promise<WorkingFolder> {
  const parent = dirname(place);
  const directory = join(parent, `.${basename(place)}.partial`);
  const lock = await takeLock(place, directory, signal);
  // Left by a process that was killed while it published.
  for (const name of readdirSync(parent)) {
    if (name.startsWith('.tmp-') && name.endsWith(`-${basename(place)}`))
      rmSync(join(parent, name), { recursive: true });
  }
  return {
    directory,
    assertHeld: () => lock.assertHeld(),
    publish() {
      lock.assertHeld();
      syncDirectory(directory);
      // Another process that took the folder over in this moment leaves nothing to move.
      const [finished, old] = [temporaryPath(place), temporaryPath(place)];
      renameSync(directory, finished);
      if (existsSync(place)) renameSync(place, old);
      try {
        renameSync(finished, place);
      } catch (error) {
        if (existsSync(old)) renameSync(old, place);
        throw error;
      }
      syncDirectory(parent);
      rmSync(old, { recursive: true, force: true });
    },
    discard() {
      rmSync(directory, { recursive: true, force: true });
      lock.release();
      removeIfEmpty(parent);
    },
    release: () => lock.release(),
  };
}

async function takeLock(place: string, directory: string, signal: AbortSignal | undefined): Promise<FolderLock> {
  let seen = '';
  let since = Date.now();
  for (let gone = 0; ; ) {
    signal?.throwIfAborted();
    try {
      return lockFolder(dirname(place), `.${basename(place)}.lock`);
    } catch (error) {
      const isBusy = error instanceof InputError && error.kind === 'busy';
      // A holder that failed has just removed the folder around the lock.
      const isGone = error instanceof InputError && systemErrorCode(error.cause) === 'ENOENT' && ++gone < mostGone;
      if (!isBusy && !isGone) {
        removeIfEmpty(dirname(place));
        throw error;
      }
      const now = progressOf(directory);
      if (now !== seen) since = Date.now();
      seen = now;
      if (Date.now() - since > mostIdleMs) throw error;
    }
    await delay(pollMs, undefined, signal ? { signal } : {});
  }
}

/** Something that changes while a holder works. */
function progressOf(directory: string): string {
  const status = statSync(join(directory, tokenFileName('train')), { throwIfNoEntry: false });
  return `${status?.size} ${status?.mtimeMs}`;
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Something else is in it, or it is not there: either way nothing of ours is left.
  }
}
