// Entry of `npm start` and `npm test`: fetches the pinned pnpm through npm into npm's cache, holds it to the pinned hashes
// before anything of it runs, installs, then runs one script of the root package.json. It must run before anything is
// installed, so it imports Node's own modules only.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager, engines, scripts = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

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

/** Size of node_modules: the runtimes for every system, TensorFlow.js, and the tools of development. */
const installedGigabytes = 1.2;

const [pinned, hash] = packageManager.split('+sha512.');

/** Packages that npm unpacks for `pinned`: pnpm, and its program for this kind of machine, where its hash is known to us. */
const integrities = {
  'node_modules/pnpm': `sha512-${Buffer.from(hash, 'hex').toString('base64')}`,
  'node_modules/@pnpm/exe.linux-x64':
    'sha512-8eufCjHXspKbNS/kh8q4Q0gqJoOuvC4Q5pgos6XS8By/nAMtP+jf8F1Cw9er840kfAX+PJ/ts+A9qnLE91rvXQ==',
  'node_modules/@pnpm/exe.linux-arm64':
    'sha512-4Oj/iF2TDCe2lcH0n4TupPR5sSdrNLclJB6xBElLMPCUOAvBhdf2rRlSaO5M4erJ6g4Fyy7YTXTpcmfFsKyxEA==',
};
/** pnpm's command is its program, or before its install script ran a text that looks for it. */
const longestPlaceholder = 100_000;

/** Runs npm in the root. */
function npm(npmArguments, stdio) {
  // npm is a script on Windows, so it needs a shell there; every argument is a constant, a script name or npm's own folder.
  const child = spawnSync('npm', [...npmArguments], {
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

/** Runs a command that npm finds in the pinned package. */
const npmExec = (options, command, stdio) =>
  npm(['exec', '--yes', '--loglevel=error', ...options, `--package=${pinned}`, '--', ...command], stdio);

/** The folder where npm has unpacked the package, which it names first in PATH; undefined where there is none. */
function unpackedFolder(path) {
  const folders = path
    .trim()
    .split(delimiter)
    .map((folder) => dirname(dirname(folder)));
  return folders.find((folder) => existsSync(join(folder, 'node_modules', '.package-lock.json')));
}

/** The name of the first package that is not the pinned one; npm has held the files to the hashes that it wrote down. */
function strangePackage(folder) {
  const lock = join(folder, 'node_modules', '.package-lock.json');
  const { packages } = JSON.parse(readFileSync(lock, 'utf8'));
  if (packages['node_modules/pnpm'] === undefined) return 'pnpm';
  const known = (name) => name in integrities || name.startsWith('node_modules/@pnpm/exe.');
  const isStrange = ([name, { integrity }]) => !known(name) || integrity !== (integrities[name] ?? integrity);
  return Object.entries(packages).find(isStrange)?.[0].replace('node_modules/', '');
}

const pnpm = (pnpmArguments, stdio) => npmExec([], ['pnpm', ...pnpmArguments], stdio).status;

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  console.error('dynact: usage: node scripts/bootstrap.mjs <script of package.json> [arguments]');
  process.exit(2);
}
const fetched = npmExec(['--ignore-scripts'], ['node', '-p', 'process.env.PATH'], ['ignore', 'pipe', 'inherit']);
if (fetched.status !== 0) process.exit(fetched.status);
const folder = unpackedFolder(String(fetched.stdout));
const strange = folder === undefined ? 'pnpm' : strangePackage(folder);
if (strange !== undefined) {
  console.error(
    `dynact: ${strange} of ${pinned} is not the package whose hash is pinned here; check the npm registry in use.`,
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
if (statSync(join(folder, 'node_modules', 'pnpm', 'pnpm')).size < longestPlaceholder) {
  const { status } = npm(['rebuild', '--loglevel=error', `--prefix=${folder}`, 'pnpm'], ['ignore', 2, 2]);
  if (status !== 0) process.exit(status);
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
// A script that is one call of node needs no shell.
const call = /^node ([^&|;<>"'$*]*)$/.exec(scripts[script] ?? '');
if (call === null) process.exit(pnpm(['--silent', 'run', script, ...rest], ['ignore', 'inherit', 'inherit']));
runNode([...call[1].split(' '), ...rest]);

/** Runs a program with no pnpm between, which would end at Ctrl-C while the program still saves. */
function runNode(nodeArguments) {
  // npm's answer names pnpm's folder first.
  const PATH = [join(root, 'node_modules', '.bin'), String(fetched.stdout).trim()].join(delimiter);
  const env = { INIT_CWD: root, ...environment, npm_package_name: 'dynact', PATH };
  const child = spawn(process.execPath, nodeArguments, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  // Ctrl-C and a closed terminal reach the program by themselves.
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
