import { join, resolve } from 'node:path';

/**
 * The folder that the user stands in. The clone's own scripts run in its root, and keep in INIT_CWD where they were called;
 * any other program's INIT_CWD is of its own scripts.
 */
export function userFolder(): string {
  const { INIT_CWD, npm_package_name: script } = process.env;
  return INIT_CWD !== undefined && script === 'dynact' ? INIT_CWD : process.cwd();
}

/** A path as the user meant it. */
export function userPath(path: string): string {
  return resolve(userFolder(), path);
}

/** The folder of corpora: beside the user, or DYNACT_DATASETS, such as on a larger disk. */
export function datasetsFolder(): string {
  return process.env.DYNACT_DATASETS ?? join(userFolder(), 'datasets');
}
