import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { InputError } from '@dynact/files';

/** Parts of a name that are no names: of the folder itself, of the one around it, or of nothing. */
const noName = /^\.{0,2}$/;
/** Characters that some system takes for a border between folders, or that end a name early. */
const unsafe = /[\\\p{Cc}]|^[A-Za-z]:/u;

/**
 * The parts of a path that was written by a stranger: a file of a listing, of a definition, a revision.
 * @param what names it in the message
 * @throws InputError when it is not simply downwards
 */
export function pathParts(path: string, what: string): string[] {
  const parts = path.split('/');
  if (parts.some((part) => noName.test(part) || unsafe.test(part))) {
    throw new InputError('dataset', `${what} ${JSON.stringify(path)} leaves its folder: correct the definition`);
  }
  return parts;
}

/**
 * The place of a fetched file.
 * @param root the folder that must hold it, whatever links are below
 * @param parts as `pathParts` gives them
 * @throws InputError when a link below the root leads out of it
 */
export function placeBelow(root: string, parts: readonly string[]): string {
  const place = join(root, ...parts);
  let folder = dirname(place);
  while (!existsSync(folder)) folder = dirname(folder);
  const isInside = existsSync(root) && `${realpathSync(folder)}${sep}`.startsWith(`${realpathSync(root)}${sep}`);
  if (isInside || !existsSync(root)) return place;
  throw new InputError('dataset', `${folder} is a link out of ${root}: remove it`);
}
