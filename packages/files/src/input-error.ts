/** Subject of the error: an executor tells by it "the user's to mend" from "try again, or elsewhere". */
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
    // Whatever a stranger's file has put into it: one line that moves no cursor.
    super(message.replace(/\p{Cc}+/gu, ' '), options);
    this.kind = kind;
  }
}

/** The code of a Node system error (`ENOENT`, `EEXIST`, ...), or undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const writeErrors = new Map([
  ['ENOSPC', 'no space is left on the disk; free some and try again'],
  ['EDQUOT', 'the disk quota is used up; free some space and try again'],
  ['EFBIG', 'the largest file size is reached; raise the limit ("ulimit -f") and try again'],
  ['EACCES', 'permission denied; change its permissions or name another folder'],
  ['EPERM', 'permission denied; change its permissions or name another folder'],
  ['EROFS', 'the file system is read-only; name another folder'],
  ['EEXIST', 'something else has that name; name another folder'],
  ['EISDIR', 'a folder is where a file should be; name another folder'],
  ['ENOTDIR', 'a part of the path is a file; name another folder'],
  ['ENOENT', 'no such folder can be made there; name another folder'],
  ['ELOOP', 'its symbolic links go round in circles; name another folder'],
  ['ENAMETOOLONG', 'the name is too long; name another folder'],
]);

/** An `InputError` for what only the user's disk or choice of folder can put right; any other error as it is. */
export function unwritable(path: string, error: unknown): unknown {
  const reason = writeErrors.get(systemErrorCode(error) ?? '');
  return error instanceof InputError || reason === undefined
    ? error
    : new InputError('file', `${path} cannot be written: ${reason}`, { cause: error });
}
