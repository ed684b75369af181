import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError, systemErrorCode, unwritable } from './input-error.ts';

/** Names of files and folders that are still being written, or that wait to be deleted: never read, removed on the next
 * opening for writing. Names of this form only: a user's own `.tmp-mine` stays. */
const temporaryName = /^\.tmp-[0-9a-f]+-\d+-/;

/** Tells processes apart, also those of two machines that share a folder and have the same number. */
const processTag = randomBytes(6).toString('hex');
let counter = 0;

/** A name beside `path` (the same file system, so that a rename is atomic) that no reader takes for a result. */
export function temporaryPath(path: string): string {
  counter += 1;
  // Cut, because a name may be as long as a file system takes.
  return join(dirname(path), `.tmp-${processTag}-${counter}-${basename(path).slice(0, 40)}`);
}

/**
 * Makes a folder and those above it; mkdir's own `recursive` never returns below /proc.
 * @throws InputError where there can be none
 */
export function makeFolder(directory: string): void {
  try {
    if (isFolder(directory)) return;
    const parent = dirname(directory);
    if (parent !== directory) makeFolder(parent);
    try {
      mkdirSync(directory);
    } catch (error) {
      // Another process may have made it since.
      if (!isFolder(directory)) throw error;
    }
  } catch (error) {
    throw unwritable(directory, error);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Removes what a killed process left half-written in `directory`. Only for the holder of the folder's lock. */
export function removeLeftovers(directory: string): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) {
    if (temporaryName.test(name)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** Makes the entries of a folder (created, renamed, removed files) durable. */
export function syncDirectory(directory: string): void {
  // Windows cannot open a folder for syncing; its file system orders these operations itself.
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes a folder that appears complete or not at all: filled under a temporary name, synced and renamed. A link to a folder
 * stays, and the folder that it leads to is filled.
 * @param directory new or empty, at the beginning and at the end
 * @throws InputError where it holds something, is a file, or cannot be written
 */
export async function writeFolderAtomic(
  directory: string,
  fill: (folder: string) => void | Promise<void>,
): Promise<void> {
  const place = emptyPlace(directory);
  makeFolder(dirname(place));
  const temporary = temporaryPath(place);
  try {
    mkdirSync(temporary);
    await fill(temporary);
    syncDirectory(temporary);
    if (isFolder(place)) rmdirSync(place);
    renameSync(temporary, place);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    const code = systemErrorCode(error);
    throw code === 'ENOTEMPTY' || code === 'EEXIST' ? holdsSomething(directory) : unwritable(directory, error);
  }
  syncDirectory(dirname(place));
}

/** Where a new or empty folder lies, behind links. */
function emptyPlace(directory: string): string {
  try {
    if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return directory;
    const place = realpathSync(directory);
    if (!isFolder(place)) throw new InputError('file', `${directory} is a file; choose an empty or a new folder`);
    if (readdirSync(place).length > 0) throw holdsSomething(directory);
    return place;
  } catch (error) {
    throw unwritable(directory, error);
  }
}

function holdsSomething(directory: string): InputError {
  return new InputError('file', `${directory} holds files already; choose an empty or a new folder`);
}
