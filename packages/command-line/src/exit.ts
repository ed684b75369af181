import { CommanderError } from 'commander';
import { printable } from './printable.ts';

export const exitCodes = { success: 0, failure: 1, wrongInput: 2, interrupted: 130 } as const;

/** Thrown when a signal ended the work; what was done is saved. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** What JavaScript, ONNX Runtime and C++ say when memory is used up. */
const outOfMemory =
  /allocation failed|invalid typed array length|failed to allocate memory|cannot allocate memory|bad_alloc|out of memory/i;

/**
 * The exit code of an error and, on stderr, its message: one line for what the user can put right, the stack for what
 * only we can. Packages of the house mark the former with `exitCode` 2.
 */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.wrongInput;
  if (error instanceof Interrupted) {
    process.stderr.write(`${error.message}\n`);
    return exitCodes.interrupted;
  }
  if (error instanceof Error && 'exitCode' in error && error.exitCode === exitCodes.wrongInput) {
    process.stderr.write(`error: ${printable(error.message.replaceAll(/\s*\n\s*/g, ' '))}\n`);
    return exitCodes.wrongInput;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (outOfMemory.test(message)) {
    const reason = message.split('\n')[0];
    process.stderr.write(
      `error: out of memory (${reason}); lower training.batchSize, or take a smaller model: trainer plan shows what takes how much\n`,
    );
    return exitCodes.failure;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? message) : message}\n`);
  return exitCodes.failure;
}
