import { shellWord } from './text.ts';

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
