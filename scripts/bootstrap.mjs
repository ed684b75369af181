// Entry of `npm start` and `npm test`: fetches the pinned pnpm through npm, installs, then runs one script of the root
// package.json. It must run before anything is installed, so it imports Node's own modules only.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`dynact: Node ${process.versions.node} is too old; install Node ${engines.node}.`);
  process.exit(2);
}

const environment = {
  ...process.env,
  // Nothing here may ask a question or report usage: it runs in CI and on closed networks too.
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  npm_config_yes: 'true',
  npm_config_update_notifier: 'false',
};

function pnpm(pnpmArguments, stdio) {
  // npm is a script on Windows, so it needs a shell there; every argument below is a constant or a script name.
  const npmArguments = [
    'exec',
    '--yes',
    '--loglevel=error',
    `--package=${packageManager}`,
    '--',
    'pnpm',
    ...pnpmArguments,
  ];
  const child = spawnSync('npm', npmArguments, {
    cwd: root,
    env: environment,
    stdio,
    shell: process.platform === 'win32',
  });
  if (child.error) {
    console.error(`dynact: npm could not be started (${child.error.message}); install Node ${engines.node} with npm.`);
    process.exit(1);
  }
  return child.status ?? (child.signal === 'SIGINT' ? 130 : 1);
}

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  console.error('dynact: usage: node scripts/bootstrap.mjs <script of package.json> [arguments]');
  process.exit(2);
}
// stdout carries the result of the script alone, so the installer's report goes to stderr.
const installed = pnpm(
  ['install', '--frozen-lockfile', '--prefer-offline', '--config.confirm-modules-purge=false'],
  ['ignore', 2, 2],
);
if (installed !== 0) {
  console.error('dynact: the packages could not be installed (see above); check that the npm registry can be reached.');
  process.exit(installed);
}
process.exit(pnpm(['--silent', 'run', script, ...rest], ['ignore', 'inherit', 'inherit']));
