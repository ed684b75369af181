/** Wrong input by the user: one line saying what is wrong, where, and what to do. Commands exit with `exitCode`. */
export class InputError extends Error {
  override name = 'InputError';
  readonly exitCode = 2;
}

/** The operating system's short name of a failure (`ENOENT`, `ENOSPC`, ...), if the error carries one. */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
