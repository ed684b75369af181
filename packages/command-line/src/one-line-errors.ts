import type { Command } from 'commander';

/** Lets a program and all of its commands throw their errors, each of one line. */
export function oneLineErrors(program: Command): Command {
  return program.exitOverride().configureOutput({
    outputError: (message, write) => write(`${message.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`),
  });
}
