import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@dynact/files';
import { readMetrics } from './metrics-log.ts';
import { checkpointsFolder, configFile, metricsFile, summaryFile } from './names.ts';
import { isRunConfig } from './run-config.ts';

/** Refuses a folder that a new run has no place in. @throws InputError */
export function refuseUsed(directory: string): void {
  if (!statSync(directory).isDirectory())
    throw new InputError('run-folder', `${directory} is a file; choose another folder`);
  if (existsSync(join(directory, configFile)) && !hasNoStep(directory)) {
    throw new InputError('run-folder', `${directory} holds a run already; resume it or choose another folder`);
  }
  const own = filesOfRun(directory);
  const foreign = readdirSync(directory).find((name) => !name.startsWith('.') && !own.includes(name));
  if (foreign !== undefined) {
    throw new InputError('run-folder', `${directory} holds other files (${foreign}); choose an empty or a new folder`);
  }
}

/** Whether a folder is that of a run which has nothing to lose: no step, no checkpoint, no summary. */
function hasNoStep(directory: string): boolean {
  const isLeft = [checkpointsFolder, summaryFile].some((name) => existsSync(join(directory, name)));
  if (isLeft || !isRunConfig(join(directory, configFile))) return false;
  return readMetrics(join(directory, metricsFile)).every(({ step }) => step === 0);
}

/** The files of a run without steps; none where there is no run. */
export function filesOfRun(directory: string): string[] {
  if (!existsSync(join(directory, configFile))) return [];
  return readdirSync(directory).filter(
    (name) => name === configFile || name === metricsFile || name.startsWith('events.out.tfevents.'),
  );
}
