import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadKoffi } from '../runtime/native-files.cjs';
import { cudaLibraries, cudaVersion } from './wheels.ts';

/** RTLD_NOW | RTLD_GLOBAL: libraries that are loaded later find it by its name. */
const forEverybody = 0x102;
let open: ((file: string, flags: number) => unknown) | undefined;

/** Loads a library for the rest of the process. @returns whether it is there */
function load(file: string): boolean {
  open ??= loadKoffi().load(null).func('void *dlopen(const char *file, int flags)');
  return open(file, forEverybody) !== null;
}

/**
 * Loads NVIDIA's libraries from a folder, or where the system finds them.
 * @returns those that are missing, in one line; undefined where all are there
 */
export function loadCuda(folder: string, loads: (file: string) => boolean = load): string | undefined {
  const missing = cudaLibraries.filter((name) => {
    const own = join(folder, name);
    return !loads(existsSync(own) ? own : name);
  });
  if (missing.length === 0) return undefined;
  const are = missing.length === 1 ? 'is' : 'are';
  const other = [cudaVersion - 1, cudaVersion - 2].find((version) => loads(`libcudart.so.${version}`));
  const instead = other === undefined ? '' : ` (CUDA ${other} is installed, CUDA ${cudaVersion} is needed)`;
  return `${missing.join(', ')} ${are} missing${instead}`;
}
