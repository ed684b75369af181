/** Input that the user can put right: the message is one line that says what is wrong, where, and what to do. */
export class InputError extends Error {
  override name = 'InputError';
  /** The exit code of a command that ends with this error. */
  readonly exitCode = 2;
}

/** The code of a Node system error (`ENOENT`, `EEXIST`, ...), or undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
