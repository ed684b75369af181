import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command whose output a person sees. @throws Error where it fails */
export function run(command: string, parameters: readonly string[], cwd = root): void {
  const { status } = spawnSync(command, parameters, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${command} ${parameters.slice(0, 3).join(' ')} ended with ${status}`);
}

/** Builds the trainer and the packages below it, and packs each as it would be published. @returns the tarballs */
export function packTrainer(folder: string): string[] {
  run('pnpm', ['exec', 'turbo', 'run', 'build', '--filter=@dynact/trainer...', '--concurrency=1']);
  run('pnpm', ['--recursive', '--filter-prod', '@dynact/trainer...', 'pack', '--pack-destination', folder]);
  const names = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  return names.map((name) => join(folder, name));
}
