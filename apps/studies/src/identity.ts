import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commitOf, packageVersion } from '@dynact/backends';
import { shellWord } from '@dynact/command-line';
import type { ProgramIdentity } from '@dynact/comparison';

const here = dirname(fileURLToPath(import.meta.url));

/** The call of this study, for people. */
export function commandLine(): string {
  return ['pnpm', 'study', ...process.argv.slice(2)].map(shellWord).join(' ');
}

/** The program that trains, as runs record it. */
export function programIdentity(): ProgramIdentity {
  const version = packageVersion('@dynact/training', import.meta.url);
  return { versions: version === undefined ? {} : { '@dynact/training': version }, gitCommit: commitOf(here) };
}
