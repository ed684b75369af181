import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runsDirectory } from './repository.ts';

/** The first folder `runs/<name>-<number>` that does not exist. */
export function freshRunFolder(name: string): string {
  for (let number = 1; ; number++) {
    const folder = join(runsDirectory, `${name}-${String(number).padStart(3, '0')}`);
    if (!existsSync(folder)) return folder;
  }
}
