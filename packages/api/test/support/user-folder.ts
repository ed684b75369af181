import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { isBuilt } from '../../../../test/support/built.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';

/** The folder of this package. */
export const api = fileURLToPath(new URL('../..', import.meta.url));
const tsx = pathToFileURL(createRequire(join(api, '../../package.json')).resolve('tsx')).href;

/** A folder of a user's own with a text, where @dynact/api is installed. */
export function userFolder(): string {
  const folder = temporaryFolder();
  const words = 'dear sir the old dog walked to the river and then slept near the house but the young man ran'.split(
    ' ',
  );
  const line = (n: number) => Array.from({ length: 10 }, (_, k) => words[(n * 3 + k * (1 + (n % 5))) % words.length]);
  writeFileSync(
    join(folder, 'letters.txt'),
    Array.from({ length: 600 }, (_, n) => `${line(n).join(' ')}.`).join('\n\n'),
  );
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(folder, 'node_modules/@dynact'), { recursive: true });
  symlinkSync(api, join(folder, 'node_modules/@dynact/api'));
  return folder;
}

function parametersOf(folder: string, source: URL): string[] {
  const script = join(folder, 'script.ts');
  writeFileSync(script, readFileSync(source, 'utf8'));
  const conditions = isBuilt ? [] : ['--conditions=@dynact/source'];
  return [...conditions, '--import', tsx, script];
}

/** Starts a script of this package's tests in a user's folder. */
export function start(folder: string, source: URL): ChildProcess {
  return spawn(process.execPath, parametersOf(folder, source), { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Runs a script of this package's tests in a user's folder. @returns what it prints */
export function run(folder: string, source: URL): string {
  const child = spawnSync(process.execPath, parametersOf(folder, source), {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(child.status, child.stderr).toBe(0);
  return child.stdout;
}
