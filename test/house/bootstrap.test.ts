import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');

const { packageManager, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function folderWithScript(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'scripts'));
  cpSync(join(root, 'scripts', 'bootstrap.mjs'), join(folder, 'scripts', 'bootstrap.mjs'));
  return folder;
}

test('a pnpm that is not the pinned one is not run', () => {
  const folder = folderWithScript();
  expect(packageManager).toMatch(/^pnpm@[\d.]+\+sha512\.[0-9a-f]{128}$/);
  const other = packageManager.replace(/[0-9a-f]{4}$/, '0000');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ packageManager: other, engines }));
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'scripts', 'bootstrap.mjs'), 'main'], {
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/^dynact: pnpm@[\d.]+ is not the package whose hash stands in package\.json/m);
  expect(status).toBe(1);
});

test.runIf(process.platform !== 'win32')('an installation says first how much of the disk it takes', () => {
  const folder = folderWithScript();
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ packageManager, engines }));
  // An npm that has unpacked the pinned pnpm, and installs nothing.
  const unpacked = join(folder, 'unpacked', 'node_modules');
  mkdirSync(join(unpacked, '.bin'), { recursive: true });
  const integrity = `sha512-${Buffer.from(packageManager.split('+sha512.')[1], 'hex').toString('base64')}`;
  writeFileSync(
    join(unpacked, '.package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/pnpm': { integrity } } }),
  );
  const npm = `#!/bin/sh\ncase "$*" in *process.env.PATH*) echo ${join(unpacked, '.bin')} ;; *) exit 7 ;; esac\n`;
  writeFileSync(join(folder, 'npm'), npm, { mode: 0o755 });
  const start = () =>
    spawnSync(process.execPath, [join(folder, 'scripts', 'bootstrap.mjs'), 'main'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    });
  const first = start();
  expect(first.stderr).toMatch(
    /^dynact: installs its packages into .*node_modules: 1\.2 GB of disk; [\d.]+ GB are free/,
  );
  expect(first.status).toBe(7);
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'node_modules', '.modules.yaml'), '');
  expect(start().stderr).toMatch(/^dynact: the packages could not be installed/);
});
