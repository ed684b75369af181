import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commitOf, packageVersion } from '@dynact/backends';
import type { ProgramIdentity } from '@dynact/comparison';

const here = dirname(fileURLToPath(import.meta.url));

/** The program that trains, as runs record it. */
export function programIdentity(): ProgramIdentity {
  const version = packageVersion('@dynact/training', import.meta.url);
  return { versions: version === undefined ? {} : { '@dynact/training': version }, gitCommit: commitOf(here) };
}
