import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError, readJson, writeJsonAtomic } from '@dynact/files';
import { z } from 'zod';

/** Places of corpora that no folder of definitions defines: each has a folder of its own, which remembers its source. */

const originFile = 'origin.json';
const originSchema = z.strictObject({ path: z.string().min(1) });
const longestBaseName = 60;

/**
 * The folder of the file, folder or definition at a path: its base name and a digest of the whole path, because many
 * folders hold an `input.txt`.
 * @param path absolute
 */
export function folderOfPath(path: string): string {
  const base = basename(path)
    .normalize('NFC')
    .replace(/(?<=.)\..*$/, '')
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '');
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 8);
  return `${[...base].slice(0, longestBaseName).join('') || 'text'}-${digest}`;
}

/** Remembers the source of a folder, so that its name is enough from then on. */
export function writeOrigin(datasets: string, folder: string, path: string): void {
  writeJsonAtomic(join(datasets, folder, originFile), { path });
}

/** The path that a folder was prepared from, if it remembers one. @throws InputError when it is damaged */
export function readOrigin(datasets: string, folder: string): string | undefined {
  const path = join(datasets, folder, originFile);
  if (!existsSync(path)) return undefined;
  return readJson(path, originSchema, 'prepare the dataset from its file or folder again').path;
}

/**
 * The folder that a name without a definition stands for: its own, or the one of that base name.
 * @throws InputError when several have that base name
 */
export function findFolder(datasets: string, name: string): string | undefined {
  if (!existsSync(datasets) || /^\.*$|[/\\]/.test(name)) return undefined;
  const remembers = (folder: string) => existsSync(join(datasets, folder, originFile));
  if (remembers(name)) return name;
  const [folder, other] = readdirSync(datasets)
    .filter((entry) => entry.slice(0, -9) === name && /-[0-9a-f]{8}$/.test(entry) && remembers(entry))
    .sort();
  if (other === undefined) return folder;
  throw new InputError('dataset', `"${name}" was prepared from several places: say ${folder}, ${other} or a path`);
}
