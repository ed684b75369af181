import { CommanderError } from 'commander';
import { calledAs } from './called-as.ts';
import { exitCodes } from './exit-codes.ts';
import { interruptedCode } from './interrupt.ts';
import { oneLine, printable } from './text.ts';

/** Thrown when a signal ended the work; the rest is saved. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** How JavaScript, ONNX Runtime and C++ say that memory is used up. */
const outOfMemory =
  /allocation failed|invalid typed array length|failed to allocate memory|cannot allocate memory|bad_alloc|out of memory/i;

/** Failures of a disk or of a folder's rights, which the user alone can mend, wherever they are met. */
const diskErrors = new Map([
  ['ENOSPC', 'no space is left on the disk'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'the largest file size is reached'],
  ['EROFS', 'the file system is read-only'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EMFILE', 'too many files are open'],
  ['EIO', 'the disk fails'],
]);

/**
 * The exit code of an error and, on stderr, its message: one line for what the user can put right, the stack for what
 * only we can. Packages of the house mark the former with `exitCode` 2.
 */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.wrongInput;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Interrupted) {
    process.stderr.write(`${message}\n`);
    return interruptedCode();
  }
  if (error instanceof Error && 'exitCode' in error && error.exitCode === exitCodes.wrongInput) {
    process.stderr.write(`error: ${printable(oneLine(message))}\n`);
    return exitCodes.wrongInput;
  }
  if (error instanceof Error && 'code' in error && 'syscall' in error) {
    const reason = diskErrors.get(String(error.code));
    if (reason !== undefined) {
      const where = 'path' in error ? `${error.path} cannot be used` : 'a file cannot be written';
      process.stderr.write(`error: ${oneLine(`${where}: ${reason}; mend that and try again`)}\n`);
      return exitCodes.wrongInput;
    }
  }
  if (outOfMemory.test(message)) {
    const reason = message.split('\n')[0];
    process.stderr.write(
      `error: out of memory (${reason}); lower training.batchSize, or take a smaller model: ${calledAs()} plan shows what takes how much\n`,
    );
    return exitCodes.failure;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? message) : message}\n`);
  return exitCodes.failure;
}

/**
 * Keeps the program alive when a reader goes away (`| head`, a closed terminal): progress that nobody reads is dropped. A
 * closed stdout ends the program, whose result nobody reads: commands write it when all else is done.
 */
export function outliveReaders(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? exitCodes.success : report(error));
  });
}
