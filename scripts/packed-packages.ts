import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command whose output a person sees. @throws Error where it fails */
function run(command: string, parameters: readonly string[], cwd = root): void {
  const { status } = spawnSync(command, parameters, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${command} ${parameters.join(' ')} ended with ${status}`);
}

/** A package of the house, and every one of the house below it. */
function neededFolders(name: string, known = new Set<string>()): Set<string> {
  if (known.has(name)) return known;
  known.add(name);
  for (const dependency of Object.keys(dependenciesOf(name))) {
    if (dependency.startsWith('@dynact/')) neededFolders(dependency.replace('@dynact', 'packages'), known);
  }
  return known;
}

/** Dependencies of a room, as its package.json has them. @param name `apps/trainer` */
function dependenciesOf(name: string): Record<string, string> {
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8'));
  return dependencies;
}

/** Builds the trainer and the packages below it, and packs each as it would be published. @returns the tarballs */
export function packTrainer(folder: string): string[] {
  run('pnpm', ['exec', 'turbo', 'run', 'build', '--filter=@dynact/trainer...', '--concurrency=1']);
  for (const needed of neededFolders('apps/trainer')) {
    run('pnpm', ['pack', '--pack-destination', folder], join(root, needed));
  }
  const names = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  return names.map((name) => join(folder, name));
}
