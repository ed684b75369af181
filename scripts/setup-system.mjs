// `pnpm setup:system` (also the first thing .ci/run does): installs the Debian packages that some tests need. Run as
// root on Debian; asks nothing; does nothing when all is there. It runs before any npm install: Node's own modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Debian packages, and the tests that need each. */
const packages = [
  { name: 'chromium', needed: 'browser tests: activations, playground, exported pages, the live page' },
  ...['slurmctld', 'slurmd', 'munge', 'openmpi-bin'].map((name) => ({ name, needed: 'pnpm test:cluster' })),
];
/** Debian 12's own Mesa is too old for WebGPU: the drivers come from its backports. Later releases have them themselves. */
const vulkan = [
  { name: 'libvulkan1', needed: 'the WebGPU tests of packages/tfjs-backend-onnxruntime', backported: false },
  { name: 'mesa-vulkan-drivers', needed: 'the WebGPU tests of packages/tfjs-backend-onnxruntime', backported: true },
];
const backports = 'bookworm-backports';

function installed(name) {
  const status = spawnSync('dpkg', ['--status', name], { encoding: 'utf8' });
  return status.status === 0 && status.stdout.includes('\nStatus: install ok installed\n');
}

/** Whether the installed version is a backport. */
function fromBackports(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own syntax
  const status = spawnSync('dpkg-query', ['--show', '--showformat=${Version}', name], { encoding: 'utf8' });
  return status.status === 0 && status.stdout.includes('~bpo12');
}

/** Adds the backports of the mirror that this machine already uses. */
function addBackports() {
  const sources = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];
  const existing = sources
    .filter(existsSync)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  if (existing.includes(backports)) return;
  const mirror = /^(?:URIs:|deb(?: \[[^\]]*\])?) *(\S+)/m.exec(existing)?.[1];
  if (mirror === undefined)
    fail(`no Debian mirror found in ${sources.join(' or ')}; add one, or ${backports} by hand.`, 2);
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(
    '/etc/apt/sources.list.d/dynact-backports.sources',
    `Types: deb\nURIs: ${mirror}\nSuites: ${backports}\nComponents: main\nSigned-By: ${keyring}\n`,
  );
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
  const list = [...packages, ...vulkan].map(({ name, needed }) => `${name} (${needed})`).join(', ');
  fail(`this is not Debian; install these by your system's own means: ${list}.`, 2);
}
const missing = packages.map(({ name }) => name).filter((name) => !installed(name));
const needsBackports = /^VERSION_CODENAME=bookworm/m.test(release);
const missingVulkan = vulkan
  .filter(({ name, backported }) => !(needsBackports && backported ? fromBackports(name) : installed(name)))
  .map(({ name }) => name);
if (missing.length + missingVulkan.length > 0) {
  if (process.getuid() !== 0)
    fail(`run it as root: it installs ${[...missing, ...missingVulkan].join(', ')} with apt-get.`, 2);
  if (missingVulkan.length > 0 && needsBackports) addBackports();
  aptGet('update');
  if (missing.length > 0) aptGet('install', '--no-install-recommends', ...missing);
  const target = needsBackports ? ['--target-release', backports] : [];
  if (missingVulkan.length > 0) aptGet('install', '--no-install-recommends', ...target, ...missingVulkan);
}
console.log(`setup:system: ${[...packages, ...vulkan].map(({ name }) => name).join(', ')}: installed`);
