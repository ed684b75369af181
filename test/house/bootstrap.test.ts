import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');

/** The bootstrap in a folder of its own, changed, with what it says and how it ends. */
function bootstrap(change: (text: string) => string, packageManager: string) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'scripts'));
  const script = join(folder, 'scripts', 'bootstrap.mjs');
  writeFileSync(script, change(readFileSync(join(root, 'scripts', 'bootstrap.mjs'), 'utf8')));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ packageManager, engines }));
  const { status, stderr } = spawnSync(process.execPath, [script, 'main'], { encoding: 'utf8' });
  return { status, stderr };
}

const { packageManager, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const refusal = (name: string) =>
  new RegExp(`^dynact: ${name} of pnpm@[\\d.]+ is not the package whose hash is pinned`, 'm');

test('a pnpm that is not the pinned one is not run', () => {
  expect(packageManager).toMatch(/^pnpm@[\d.]+\+sha512\.[0-9a-f]{128}$/);
  const { status, stderr } = bootstrap((text) => text, packageManager.replace(/[0-9a-f]{4}$/, '0000'));
  expect(stderr).toMatch(refusal('pnpm'));
  expect(status).toBe(1);
});

test.runIf(process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch))(
  'nor is another program than the pinned one of this kind of machine',
  () => {
    const { status, stderr } = bootstrap((text) => text.replaceAll(/'sha512-..../g, "'sha512-0000"), packageManager);
    expect(stderr).toMatch(refusal(`@pnpm/exe\\.linux-${process.arch}`));
    expect(status).toBe(1);
  },
);
