import { shellWord } from './text.ts';

/** This call of a program, as one would type it. @param program how it is called */
export function commandLine(program: string): string {
  return [program, ...process.argv.slice(2).map(shellWord)].join(' ');
}

/**
 * The program as the user may type it where they stand: the path that the clone's own script was called by, or what npm
 * installed.
 */
export function calledAs(environment: NodeJS.ProcessEnv = process.env): string {
  const { DYNACT_CALLED_AS: path, npm_lifecycle_event: event, npm_package_name: script } = environment;
  if (path) return shellWord(path);
  if (script === 'dynact') return './dynact';
  return event === 'npx' ? 'npx dynact' : 'dynact';
}
