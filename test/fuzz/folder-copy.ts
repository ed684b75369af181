import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Remembers a folder. @returns writes what was in it into an empty one */
export function folderCopy(folder: string): (target: string) => void {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const entries = names.map((name) => {
    const path = join(folder, name);
    return { name, content: statSync(path).isDirectory() ? undefined : readFileSync(path) };
  });
  return (target) => {
    for (const { name, content } of entries) {
      if (content === undefined) mkdirSync(join(target, name));
      else writeFileSync(join(target, name), content);
    }
  };
}
