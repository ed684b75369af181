import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '@dynact/files';
import { z } from 'zod';

const failureSchema = z.object({ message: z.string(), isWrongInput: z.boolean() });

/** Why a task ended without a result: written beside its job, under the number of its attempt. */
export type Failure = z.infer<typeof failureSchema>;

/** Where the task of a job file says why it failed. @param restarts how often it was begun before */
export function failureFile(jobFile: string, restarts: number): string {
  return jobFile.replace(/\.json$/, `.failed-${String(restarts).padStart(4, '0')}.json`);
}

/** Failure of the newest attempt of a task; where it could say nothing, the place to look. */
export function readFailure(directory: string, task: number): Failure {
  const said = readdirSync(directory).filter((name) => name.startsWith(`${task}.failed-`));
  const newest = said.sort().at(-1);
  if (newest !== undefined) return readJson(join(directory, newest), failureSchema, 'delete it');
  return { message: `its job ended without a result; see ${join(directory, `${task}.log`)}`, isWrongInput: false };
}
