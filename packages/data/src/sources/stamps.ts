import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeJsonAtomic } from '@dynact/files';
import { z } from 'zod';
import { type SourceFile, unreadable } from './documents.ts';
import { fileDigest } from './file-digest.ts';

/** Beside the manifest: how the source files stood when they were read, on this machine. It may be missing. */
const stampsFile = 'source-stamps.json';

const stampsSchema = z.strictObject({
  /** sha256 of the source that they stand for, as the manifest has it. */
  source: z.string(),
  /** Milliseconds since 1970. */
  taken: z.number(),
  /** Path and state of each file. */
  files: z.record(z.string(), z.string()),
});
export type SourceStamps = Omit<z.infer<typeof stampsSchema>, 'source'>;

/** A change so soon before the stamp may leave it equal: clocks of file systems tick slowly. */
const slowestTickMs = 2_000;

/** @throws InputError when a file is gone */
export function takeStamps(files: readonly SourceFile[]): SourceStamps {
  const taken = Date.now();
  return { taken, files: Object.fromEntries(files.map(({ path }) => [path, stateOf(path)])) };
}

/** @param source sha256 of the source in the manifest of the folder */
export function writeStamps(directory: string, source: string, { taken, files }: SourceStamps): void {
  writeJsonAtomic(join(directory, stampsFile), { source, taken, files });
}

/**
 * Whether files have the contents of a manifest's source. One whose modification and change time, inode and size are
 * as they were is not read.
 */
export async function areUnchanged(
  directory: string,
  files: readonly SourceFile[],
  source: { readonly sha256: string; readonly files: readonly { readonly sha256: string }[] },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const before = readStamps(directory, source.sha256);
  const now = takeStamps(files);
  let isRead = false;
  for (const [index, { path }] of files.entries()) {
    const state = now.files[path];
    if (before !== undefined && before.files[path] === state && changeOf(state) < before.taken - slowestTickMs)
      continue;
    isRead = true;
    const digest = await fileDigest(path, signal);
    if (digest !== source.files[index]?.sha256 || stateOf(path) !== state) return false;
  }
  if (isRead) spareReading(directory, source.sha256, now);
  return true;
}

function spareReading(directory: string, source: string, stamps: SourceStamps): void {
  try {
    writeStamps(directory, source, stamps);
  } catch {
    // Where the folder cannot be written the files are read again next time.
  }
}

function readStamps(directory: string, source: string): SourceStamps | undefined {
  try {
    const stamps = readJson(join(directory, stampsFile), stampsSchema, 'prepare the dataset again');
    return stamps.source === source ? stamps : undefined;
  } catch {
    return undefined;
  }
}

/** Everything of a file's entry that changes when its content does; the third number is the change time. */
function stateOf(path: string): string {
  try {
    const { size, mtimeNs, ctimeNs, dev, ino } = statSync(path, { bigint: true });
    return [size, mtimeNs, ctimeNs, dev, ino].join(' ');
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Milliseconds since 1970. */
function changeOf(state = ''): number {
  return Number(state.split(' ')[2]) / 1e6;
}
