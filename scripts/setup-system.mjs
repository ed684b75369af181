// `pnpm setup:system` (also the first thing .ci/run does): installs the Debian packages that some tests need. Run as
// root on Debian; asks nothing; does nothing when all is there. It runs before any npm install: Node's own modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** What is installed and which tests need it. */
const packages = [{ name: 'chromium', needed: 'browser tests of packages/activations and of the live page' }];
// Packages that must come from bookworm-backports (Vulkan for the WebGPU tests) get a second list here, with their
// source line written to /etc/apt/sources.list.d before `apt-get update` and `--target-release` on their install.

function installed(name) {
  const status = spawnSync('dpkg', ['--status', name], { encoding: 'utf8' });
  return status.status === 0 && status.stdout.includes('\nStatus: install ok installed\n');
}

function fail(message, status) {
  console.error(`setup:system: ${message}`);
  process.exit(status);
}

function aptGet(...aptArguments) {
  const run = spawnSync('apt-get', ['--quiet', '--yes', ...aptArguments], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 2, 2],
  });
  if (run.status !== 0) {
    fail(`\`apt-get ${aptArguments.join(' ')}\` failed (see above); check that Debian's packages can be reached.`, 1);
  }
}

const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
if (!/^ID(_LIKE)?=.*debian/m.test(release)) {
  const list = packages.map(({ name, needed }) => `${name} (${needed})`).join(', ');
  fail(`this is not Debian; install these by your system's own means: ${list}.`, 2);
}
const missing = packages.map(({ name }) => name).filter((name) => !installed(name));
if (missing.length > 0) {
  if (process.getuid() !== 0) fail(`run it as root: it installs ${missing.join(', ')} with apt-get.`, 2);
  aptGet('update');
  aptGet('install', '--no-install-recommends', ...missing);
}
console.log(`setup:system: ${packages.map(({ name }) => name).join(', ')}: installed`);
