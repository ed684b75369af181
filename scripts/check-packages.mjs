// `pnpm check:packages`: packs every package that can be published, and lets publint and attw look at each tarball.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Packages with CommonJS entries; the others are for `import` alone, or are no library. */
const dual = /^dynact-(activations|tfjs-backend-onnxruntime)-/;
const programs = /^dynact-trainer-/;

const folder = mkdtempSync(join(tmpdir(), 'dynact-packages-'));
const problems = [];

/** Runs a command of the workspace; what it prints is shown where it fails. */
function check(name, ...command) {
  const child = spawnSync('pnpm', command, { encoding: 'utf8', shell: process.platform === 'win32' });
  if (child.status === 0) return;
  problems.push(name);
  console.error(`${name}: ${command.slice(0, 3).join(' ')}\n${child.stdout}${child.stderr}`);
}

try {
  check('build', 'build');
  check('pack', 'pack:all', folder);
  for (const tarball of readdirSync(folder)) {
    const path = join(folder, tarball);
    check(tarball, 'exec', 'publint', 'run', path, '--strict');
    if (programs.test(tarball)) continue;
    check(tarball, 'exec', 'attw', path, '--profile', dual.test(tarball) ? 'strict' : 'esm-only');
    console.log(tarball);
  }
} finally {
  rmSync(folder, { recursive: true });
}
if (problems.length > 0) console.error(`\nnot right: ${[...new Set(problems)].join(', ')}`);
process.exitCode = problems.length > 0 ? 1 : 0;
