import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { datasetsFolder, userFolder, userPath } from '@dynact/command-line';
import type { DatasetFolders } from '@dynact/data';

/** The package's own folder. */
const trainer = dirname(dirname(fileURLToPath(import.meta.url)));
/** The clone of the project, where the trainer runs in one. */
export const clone = [dirname(dirname(trainer))].find((folder) => existsSync(join(folder, 'pnpm-workspace.yaml')));

export function trainerVersion(): string {
  return (JSON.parse(readFileSync(join(trainer, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Runs and comparisons lie beside the user. */
export function runsDirectory(): string {
  return join(userFolder(), 'runs');
}

/** Where corpora lie, and their definitions, some of which the trainer brings with it. */
export function datasetFolders(): DatasetFolders {
  const datasets = datasetsFolder();
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
