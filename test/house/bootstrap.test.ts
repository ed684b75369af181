import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');

interface Options {
  readonly change?: (text: string) => string;
  readonly packageManager?: string;
  /** A folder of commands that come first. */
  readonly commands?: string;
  /** Whether packages were installed before. */
  readonly installed?: boolean;
  /** Scripts of its package.json. */
  readonly scripts?: Record<string, string>;
}

/** The bootstrap in a folder of its own, changed, with what it says and how it ends. */
function bootstrap({ change = (text) => text, packageManager = pinned, commands, installed, scripts }: Options) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'scripts'));
  const script = join(folder, 'scripts', 'bootstrap.mjs');
  writeFileSync(script, change(readFileSync(join(root, 'scripts', 'bootstrap.mjs'), 'utf8')));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ packageManager, engines, scripts }));
  if (installed) {
    mkdirSync(join(folder, 'node_modules'));
    writeFileSync(join(folder, 'node_modules', '.modules.yaml'), '');
  }
  const PATH = [...(commands === undefined ? [] : [commands]), process.env.PATH].join(delimiter);
  const child = spawnSync(process.execPath, [script, 'main'], { encoding: 'utf8', env: { ...process.env, PATH } });
  return { folder, status: child.status, stderr: child.stderr };
}

const { packageManager: pinned, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const refusal = (name: string) =>
  new RegExp(`^dynact: ${name} of pnpm@[\\d.]+ is not the package whose hash is pinned`, 'm');

test('a pnpm that is not the pinned one is not run', () => {
  expect(pinned).toMatch(/^pnpm@[\d.]+\+sha512\.[0-9a-f]{128}$/);
  const { status, stderr } = bootstrap({ packageManager: pinned.replace(/[0-9a-f]{4}$/, '0000') });
  expect(stderr).toMatch(refusal('pnpm'));
  expect(status).toBe(1);
});

test.runIf(process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch))(
  'nor is another program than the pinned one of this kind of machine',
  () => {
    const { status, stderr } = bootstrap({ change: (text) => text.replaceAll(/'sha512-..../g, "'sha512-0000") });
    expect(stderr).toMatch(refusal(`@pnpm/exe\\.linux-${process.arch}`));
    expect(status).toBe(1);
  },
);

/** An `npm` that has fetched a package of that hash as pnpm, and tells when it is asked to install. */
function fetchedBefore(hash: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules', 'pnpm'), { recursive: true });
  const integrity = `sha512-${Buffer.from(hash, 'hex').toString('base64')}`;
  const packages = { 'node_modules/pnpm': { integrity } };
  writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
  writeFileSync(join(folder, 'node_modules', 'pnpm', 'pnpm'), Buffer.alloc(200_000));
  const found = join(folder, 'node_modules', '.bin');
  const npm = `#!/bin/sh\ncase "$*" in *"node -p"*) echo '${found}' ;; *) echo "asked to: $*" >&2; exit 7 ;; esac\n`;
  writeFileSync(join(folder, 'npm'), npm, { mode: 0o755 });
  return folder;
}

test.skipIf(process.platform === 'win32')('the disk that is needed is said before an install, and only then', () => {
  const commands = fetchedBefore(pinned.split('+sha512.')[1]!);
  const { folder, status, stderr } = bootstrap({ commands });
  const [said, asked, failed] = stderr.trimEnd().split('\n');
  const [, needed, free] = /: ([\d.]+) GB of disk; ([\d.]+) GB are free there$/.exec(said!) ?? [];
  expect(said).toContain(`dynact: installs its packages into ${join(folder, 'node_modules')}: `);
  expect(Number(needed)).toBeGreaterThan(1);
  const { bavail, bsize } = statfsSync(folder);
  expect(Math.abs(Number(free) - (bavail * bsize) / 1e9)).toBeLessThan(2);
  expect(asked).toMatch(/^asked to: exec .* pnpm install --frozen-lockfile /);
  expect(failed).toMatch(/^dynact: the packages could not be installed/);
  expect(status).toBe(7);
  expect(bootstrap({ commands, installed: true }).stderr).toMatch(/^asked to: exec/);
});

test.skipIf(process.platform === 'win32')('Ctrl-C ends it when the program has ended, with its status', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(join(root, 'scripts', 'bootstrap.mjs'), join(folder, 'scripts', 'bootstrap.mjs'));
  const scripts = { main: 'node program.mjs' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ packageManager: pinned, engines, scripts }));
  const program = `process.on('SIGINT', () => setTimeout(() => { console.log('saved'); process.exit(130); }, 500));
    console.log(process.env.npm_package_name, process.argv[2]); setInterval(() => {}, 1000);`;
  writeFileSync(join(folder, 'program.mjs'), program);
  const commands = fetchedBefore(pinned.split('+sha512.')[1]!);
  const npm = readFileSync(join(commands, 'npm'), 'utf8').replace('exit 7', 'exit 0');
  writeFileSync(join(commands, 'npm'), npm);
  const env = { ...process.env, PATH: [commands, process.env.PATH].join(delimiter) };
  const child = spawn(process.execPath, [join(folder, 'scripts', 'bootstrap.mjs'), 'main', 'more'], {
    env,
    detached: true,
  });
  let said = '';
  child.stdout.on('data', (data) => {
    said += data;
  });
  await once(child.stdout, 'data');
  // As a terminal does: to every process of the group.
  process.kill(-child.pid!, 'SIGINT');
  const [code] = await once(child, 'close');
  expect(said).toBe('dynact more\nsaved\n');
  expect(code).toBe(130);
});

test.skipIf(process.platform === 'win32')('what is more than one call of node is left to pnpm', () => {
  const commands = fetchedBefore(pinned.split('+sha512.')[1]!);
  const npm = readFileSync(join(commands, 'npm'), 'utf8').replace('exit 7', 'exit 0');
  writeFileSync(join(commands, 'npm'), npm);
  for (const main of ['node a.mjs && node b.mjs', 'turbo run build']) {
    const { status, stderr } = bootstrap({ commands, installed: true, scripts: { main } });
    expect(stderr).toMatch(/^asked to: exec .* pnpm --silent run main$/m);
    expect(status).toBe(0);
  }
});

test.skipIf(process.platform === 'win32')('nothing is installed by a pnpm of another hash', () => {
  const { status, stderr } = bootstrap({ commands: fetchedBefore('00'.repeat(64)) });
  expect(stderr).toMatch(refusal('pnpm'));
  expect(stderr).not.toContain('asked to');
  expect(status).toBe(1);
});
