import { type Dirent, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { configFile, metricsFile } from '@dynact/runs';

/** How far below a named folder runs are looked for, and how many folders are looked at. */
const deepest = 5;
const mostFolders = 20_000;
const skipped = new Set(['checkpoints', 'node_modules']);

/** A folder below one that was named to the server. */
export interface FoundFolder {
  /** Names it to the page: the number of the named folder and the path from it. */
  readonly id: string;
  readonly path: string;
  /** For people: the path from the named folder, with its name in front where several were named. */
  readonly name: string;
  /** The id of the folder that it lies in. */
  readonly parent: string;
  readonly files: ReadonlySet<string>;
}

/** The folders below the named ones that hold files of runs. Links are not followed: they may lead anywhere. */
export function findFolders(roots: readonly string[]): FoundFolder[] {
  const found: FoundFolder[] = [];
  let looked = 0;
  const walk = (path: string, id: string, name: string, parent: string, depth: number): void => {
    looked += 1;
    if (looked > mostFolders) return;
    const entries = entriesOf(path);
    const files = new Set(entries.filter((entry) => entry.isFile()).map((entry) => entry.name));
    if ([configFile, metricsFile, 'comparison.json'].some((file) => files.has(file))) {
      found.push({ id, path, name, parent, files });
    }
    if (depth === deepest) return;
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name.startsWith('.') || skipped.has(entry.name)) continue;
      const below = name === '' ? entry.name : `${name}/${entry.name}`;
      walk(join(path, entry.name), `${id}/${entry.name}`, below, id, depth + 1);
    }
  };
  for (const [index, root] of roots.entries()) walk(root, `${index}`, roots.length > 1 ? basename(root) : '', '', 0);
  return found.map((folder) => (folder.name === '' ? { ...folder, name: basename(folder.path) } : folder));
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
