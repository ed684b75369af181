import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');

test('a pnpm that is not the pinned one is not run', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'scripts'));
  cpSync(join(root, 'scripts', 'bootstrap.mjs'), join(folder, 'scripts', 'bootstrap.mjs'));
  const { packageManager, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(packageManager).toMatch(/^pnpm@[\d.]+\+sha512\.[0-9a-f]{128}$/);
  const other = packageManager.replace(/[0-9a-f]{4}$/, '0000');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ packageManager: other, engines }));
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'scripts', 'bootstrap.mjs'), 'main'], {
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/^dynact: pnpm@[\d.]+ is not the package whose hash stands in package\.json/m);
  expect(status).toBe(1);
});
