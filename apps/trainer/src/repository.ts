import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageVersion } from '@dynact/backends';
import { userPath } from '@dynact/command-line';
import type { DatasetFolders } from '@dynact/data';

/** The root of the workspace. */
export const repositoryRoot = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
/** Definitions, and token files beside them. DYNACT_DATASETS names another folder, such as one on a larger disk. */
const datasets = process.env.DYNACT_DATASETS ?? join(repositoryRoot, 'datasets');
export const datasetFolders: DatasetFolders = { definitions: [datasets], datasets, from: userPath('.') };
export const runsDirectory = join(repositoryRoot, 'runs');

/** The commit of the workspace, or null outside a git checkout. */
export function gitCommit(): string | null {
  try {
    const options = { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', ['rev-parse', 'HEAD'], options).toString().trim();
  } catch {
    return null;
  }
}

/** Versions of the program itself: what a run records beside those of its backend. */
export function programVersions(): Record<string, string> {
  const trainer = readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8');
  const tokenizer = packageVersion(
    'gpt-tokenizer',
    createRequire(import.meta.url).resolve('@dynact/data/package.json'),
  );
  return {
    '@dynact/trainer': (JSON.parse(trainer) as { version: string }).version,
    ...(tokenizer === undefined ? {} : { 'gpt-tokenizer': tokenizer }),
  };
}
