import { InvalidArgumentError } from 'commander';

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || text.trim() === '') {
    throw new InvalidArgumentError(`"${text}" is not a whole number.`);
  }
  return value;
}

/** A whole number of at least 1. */
export function positive(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('Give at least 1.');
  return value;
}

export function decimalNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || text.trim() === '') throw new InvalidArgumentError(`"${text}" is not a number.`);
  return value;
}

/** `0,1,2` */
export function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber);
}

/** `swiglu,dynactglu` */
export function names(text: string): string[] {
  const list = text.split(',').map((name) => name.trim());
  if (list.some((name) => name === '')) throw new InvalidArgumentError(`"${text}" has an empty name.`);
  return list;
}

/** Collects an option that may be given several times. */
export function collect(text: string, previous: string[] = []): string[] {
  return [...previous, text];
}

/** `10Gbit`, `1.2GB`: what a network carries in a second. @returns bytes a second */
export function bandwidth(text: string): number {
  const [, amount, prefix, unit] = /^(\d+(?:\.\d+)?)\s*([kMGT])(bit|B)(?:\/s)?$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError(`"${text}" is no bandwidth; write 10Gbit, or 1.2GB.`);
  return (Number(amount) * 1000 ** (1 + 'kMGT'.indexOf(prefix!))) / (unit === 'bit' ? 8 : 1);
}
