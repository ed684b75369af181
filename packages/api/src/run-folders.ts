import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, systemErrorCode, unwritable } from '@dynact/files';

/**
 * Makes and claims the first folder `<runs>/<name>-<number>` that nobody has, also where several start at once.
 * @throws InputError where no folder can be made
 */
export function claimRunFolder(runs: string, name: string): string {
  makeFolder(runs);
  for (let number = 1; ; number++) {
    const folder = join(runs, `${name}-${String(number).padStart(3, '0')}`);
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw unwritable(folder, error);
    }
  }
}
