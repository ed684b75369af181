/** Wrong options or wrong tensors; the message says what is wrong, where, and what is allowed. */
export class InputError extends Error {
  override name = 'InputError';
  /** Exit code of a command line that ends on this error. */
  readonly exitCode = 2;
}
