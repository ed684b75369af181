import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageVersion } from '@dynact/backends';
import { userFolder, userPath } from '@dynact/command-line';
import type { DatasetFolders } from '@dynact/data';
import { makeFolder, systemErrorCode, unwritable } from '@dynact/files';

const trainer = dirname(dirname(fileURLToPath(import.meta.url)));
/** The clone of the project, where the trainer runs in one. */
const clone = [dirname(dirname(trainer))].find((folder) => existsSync(join(folder, 'pnpm-workspace.yaml')));

/** Runs and comparisons lie beside the user. */
export function runsDirectory(): string {
  return join(userFolder(), 'runs');
}

/** Corpora lie beside the user, or in DYNACT_DATASETS, such as on a larger disk; the trainer brings definitions with it. */
export function datasetFolders(): DatasetFolders {
  const datasets = process.env.DYNACT_DATASETS ?? join(userFolder(), 'datasets');
  return { definitions: [datasets, join(clone ?? trainer, 'datasets')], datasets };
}

/**
 * A corpus as the user named it: the name of a definition, or a path from where the user stands, whole because a run must
 * find it from any folder.
 */
export function datasetSource(name: string): string {
  const isDefined = datasetFolders().definitions.some((folder) => existsSync(join(folder, `${name}.json`)));
  const path = userPath(name);
  return !isDefined && (existsSync(path) || /[/\\.]/.test(name)) ? path : name;
}

/**
 * Makes and claims the first folder `runs/<name>-<number>` that nobody has, also where several start at once.
 * @throws InputError where no folder can be made
 */
export function claimRunFolder(name: string): string {
  const runs = runsDirectory();
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

/** The command that adds TensorFlow, with a script that downloads libtensorflow; nobody gets it unasked. */
export function tensorflowCommand(): string {
  const name = '@tensorflow/tfjs-node-gpu';
  return clone === undefined ? `npm install ${name}` : `pnpm add --workspace-root --allow-build=${name} ${name}`;
}

/** The commit of the clone, or null where there is none: an installed trainer may lie in a repository of the user's. */
export function gitCommit(): string | null {
  if (clone === undefined) return null;
  try {
    const options = { cwd: clone, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', ['rev-parse', 'HEAD'], options).toString().trim();
  } catch {
    return null;
  }
}

export function trainerVersion(): string {
  return (JSON.parse(readFileSync(join(trainer, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Versions of the program itself: a run records them beside those of its backend. */
export function programVersions(): Record<string, string> {
  const data = createRequire(import.meta.url).resolve('@dynact/data/package.json');
  const tokenizer = packageVersion('gpt-tokenizer', data);
  return {
    '@dynact/trainer': trainerVersion(),
    ...(tokenizer === undefined ? {} : { 'gpt-tokenizer': tokenizer }),
  };
}
