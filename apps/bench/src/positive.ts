import { wholeNumber } from '@dynact/command-line';
import { InvalidArgumentError } from 'commander';

/** Parser of an option: a whole number of at least 1. */
export function positive(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('Give at least 1.');
  return value;
}
