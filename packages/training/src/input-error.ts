/** A wrong configuration or file: one line that says what is wrong, where, and what to do. Programs exit with 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly exitCode = 2;
}
