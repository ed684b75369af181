import { sep } from 'node:path';
import { calledAs, shellWord } from '@dynact/command-line';
import { runsDirectory } from './places.ts';

/** The command that shows a folder on the page, as the user may type it where they stand. */
export function watchCommand(directory: string): string {
  const isBelow = directory.startsWith(`${runsDirectory()}${sep}`);
  return `${calledAs()} dashboard${isBelow ? '' : ` ${shellWord(directory)}`}`;
}
