// `node scripts/publish.mjs`: checks that the packages can be published with provenance, and says how. With --for-real, in
// a CI job that may sign (id-token: write), it publishes them. Nobody has run that yet.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const isForReal = process.argv.includes('--for-real');
const manifest = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
const folders = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'apps/trainer'];
const missing = [];
const unaddressed = [];

for (const folder of folders) {
  const { name, private: isPrivate, repository, license, publishConfig } = manifest(folder);
  if (isPrivate) continue;
  // The registry compares it with the repository that signed.
  if (repository?.url === undefined) unaddressed.push(name);
  if (license === undefined) missing.push(`${name}: license`);
  if (publishConfig?.access !== 'public') missing.push(`${name}: publishConfig.access`);
}
if (unaddressed.length > 0) {
  missing.push(`repository.url, the public address of this repository, in ${unaddressed.join(', ')}`);
}
if (process.env.ACTIONS_ID_TOKEN_REQUEST_URL === undefined && process.env.SIGSTORE_ID_TOKEN === undefined) {
  missing.push('a CI job with an id token (GitHub: permissions id-token: write; GitLab: SIGSTORE_ID_TOKEN)');
}
const run = (...command) => {
  const { status } = spawnSync('pnpm', command, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
};
const publish = [
  '--recursive',
  '--filter',
  './packages/*',
  '--filter',
  '@dynact/trainer',
  'publish',
  '--provenance',
  '--access',
  'public',
];

for (const line of missing) console.error(`missing: ${line}`);
if (missing.length > 0) process.exit(2);
run('check:packages');
if (isForReal) run(...publish);
else console.log(`ready; with --for-real: pnpm ${publish.join(' ')}`);
