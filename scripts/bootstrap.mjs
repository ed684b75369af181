// Entry of `npm start` and `npm test`: fetches the pinned pnpm through npm into npm's cache, holds it to the pinned hash,
// installs, then runs one script of the root package.json. It must run before anything is installed, so it imports Node's own modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
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

/** Of node_modules: the runtimes for every system, TensorFlow.js, and the tools of development. */
const installedGigabytes = 1.2;

const [pinned, hash] = packageManager.split('+sha512.');

/** Runs a command that npm finds in the pinned package. */
function npmExec(command, stdio) {
  // npm is a script on Windows, so it needs a shell there; every argument below is a constant or a script name.
  const npmArguments = ['exec', '--yes', '--loglevel=error', `--package=${pinned}`, '--', ...command];
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
  return { status: child.status ?? (child.signal === 'SIGINT' ? 130 : 1), stdout: child.stdout };
}

/** The hash of the package that npm unpacked, which npm has held the file to: npm names its folder in PATH. */
function unpackedHash(path) {
  for (const folder of path.trim().split(delimiter)) {
    const lock = join(dirname(folder), '.package-lock.json');
    if (!existsSync(lock)) continue;
    const integrity = JSON.parse(readFileSync(lock, 'utf8')).packages['node_modules/pnpm']?.integrity;
    if (integrity !== undefined) return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
  }
  return undefined;
}

const pnpm = (pnpmArguments, stdio) => npmExec(['pnpm', ...pnpmArguments], stdio).status;

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  console.error('dynact: usage: node scripts/bootstrap.mjs <script of package.json> [arguments]');
  process.exit(2);
}
const { status, stdout } = npmExec(['node', '-p', 'process.env.PATH'], ['ignore', 'pipe', 'inherit']);
if (status !== 0) process.exit(status);
if (unpackedHash(String(stdout)) !== hash) {
  console.error(
    `dynact: ${pinned} is not the package whose hash stands in package.json; check the npm registry in use.`,
  );
  process.exit(1);
}
if (!existsSync(join(root, 'node_modules', '.modules.yaml'))) {
  const { bavail, bsize } = statfsSync(root);
  const free = ((bavail * bsize) / 1e9).toFixed(1);
  console.error(
    `dynact: installs its packages into ${join(root, 'node_modules')}: ${installedGigabytes} GB of disk; ${free} GB are free there`,
  );
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
