import { createRequire } from 'node:module';
import { commitOf, packageVersion } from '@dynact/backends';
import { clone, trainerVersion } from './places.ts';

/** The commit of the clone, or null where there is none: an installed trainer may lie in a repository of the user's. */
export function gitCommit(): string | null {
  return clone === undefined ? null : commitOf(clone);
}

/** Versions of the program itself: a run records them beside those of its backend. */
export function programVersions(): Record<string, string> {
  const data = createRequire(import.meta.url).resolve('@dynact/data/package.json');
  const tokenizer = packageVersion('gpt-tokenizer', data);
  return {
    '@dynact/trainer': trainerVersion(),
    ...(tokenizer === undefined ? {} : { 'gpt-tokenizer': tokenizer }),
  };
}
