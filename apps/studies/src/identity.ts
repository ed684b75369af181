import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageVersion } from '@dynact/backends';
import type { ProgramIdentity } from '@dynact/comparison';

const here = dirname(fileURLToPath(import.meta.url));

/** The program that trains, as runs record it. */
export function programIdentity(): ProgramIdentity {
  const version = packageVersion('@dynact/training', import.meta.url);
  return { versions: version === undefined ? {} : { '@dynact/training': version }, gitCommit: gitCommit() };
}

function gitCommit(): string | null {
  try {
    const options = { cwd: here, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', ['rev-parse', 'HEAD'], options).toString().trim();
  } catch {
    return null;
  }
}
