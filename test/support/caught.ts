import { expect } from 'vitest';
import { InputError } from '../../packages/files/src/input-error.ts';

/** The message of the `InputError` that `call` throws; fails when there is none, or when it is not one line. */
export function inputErrorOf(call: () => unknown): string {
  let error: unknown;
  try {
    call();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(InputError);
  const { message, exitCode } = error as InputError;
  expect(exitCode).toBe(2);
  expect(message).toMatch(/^[^\n\r]+$/);
  return message;
}
