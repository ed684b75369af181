/** Wrong usage or input: one line that says what is wrong, where, and what to do. The program exits with 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly exitCode = 2;
}
