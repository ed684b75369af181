/** Wrong input from the caller: an option, a function that cannot be compiled. One line: what, where, what to do. */
export class InputError extends Error {
  override name = 'InputError';
  /** The exit status that a command line should end with. */
  readonly exitCode = 2;
}
