/** Whose the error is: an executor tells by it "the user's to mend" from "try again, or elsewhere". */
export type InputErrorKind =
  | 'usage'
  | 'configuration'
  | 'dataset'
  | 'run-folder'
  | 'comparison'
  /** A file or folder that cannot be read or written, whatever it holds. */
  | 'file'
  /** A device or library that this machine lacks, or too little memory: another machine may do. */
  | 'device'
  /** Another process holds what is needed: later may do. */
  | 'busy';

/** Input that the user can put right: the message is one line that says what is wrong, where, and what to do. */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** The exit code of a command that ends with this error. */
  readonly exitCode = 2;
  readonly kind: InputErrorKind;

  constructor(kind: InputErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The code of a Node system error (`ENOENT`, `EEXIST`, ...), or undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
