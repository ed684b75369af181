import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, readJson } from '@dynact/files';
import { configFile } from './names.ts';
import { type RunConfig, runConfigSchema } from './records/schemas.ts';

/** Folders that an error lists. */
const mostListed = 20;

/** The config.json of a run folder. @throws InputError, which names the runs in it where the folder is one of runs */
export function readRunConfig(directory: string): RunConfig {
  if (!existsSync(directory))
    throw new InputError('run-folder', `${directory} does not exist; name the folder of a run`);
  const path = join(directory, configFile);
  // A comparison has a config.json too, of another kind, and its runs in folders of its own.
  if (!isRunConfig(path)) refuseFolderOfRuns(directory);
  if (!existsSync(path))
    throw new InputError('run-folder', `${directory} is not a run folder (no ${configFile}); name the folder of a run`);
  return readJson(path, runConfigSchema, 'restore that file or train anew into another folder');
}

/** Whether a folder has a config.json, as every run has; a comparison has one, too. */
export function holdsRun(directory: string): boolean {
  return existsSync(join(directory, configFile));
}

/** Whether a file is the config.json of a run. */
export function isRunConfig(path: string): boolean {
  try {
    return runConfigSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).success;
  } catch {
    return false;
  }
}

/** Says what is in a folder that is a comparison, or holds all runs. */
function refuseFolderOfRuns(directory: string): void {
  if (!statSync(directory).isDirectory()) return;
  const runs = readdirSync(directory)
    .filter((name) => !name.startsWith('.') && isRunConfig(join(directory, name, configFile)))
    .sort();
  if (runs.length === 0) return;
  const what = existsSync(join(directory, configFile)) ? 'is a comparison' : 'is not a run folder';
  const more = runs.length > mostListed ? ` and ${runs.length - mostListed} more` : '';
  throw new InputError(
    'run-folder',
    `${directory} ${what}; name one of the run folders in it: ${runs.slice(0, mostListed).join(', ')}${more}`,
  );
}
