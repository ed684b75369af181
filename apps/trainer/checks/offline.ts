/**
 * `pnpm --filter @dynact/trainer test:offline`: `pnpm pack:offline`, and what it made on a machine that has nothing but sh, tar and gzip and
 * no network: it trains nano there, from a corpus that came with it, and measures.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../../scripts/packed-packages.ts';

const folder = mkdtempSync(join(tmpdir(), 'dynact-offline-check-'));
const packed = join(folder, 'packed');
const empty = join(folder, 'empty');
const largest = 60_000_000;

function expectThat(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
  console.log(`right: ${message}`);
}

/** In an environment of its own, without a network where that can be had. */
function there(...parameters: string[]): string {
  const alone = spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : [];
  const [command, ...rest] = [...alone, 'sh', join(packed, 'run.sh'), ...parameters];
  const child = spawnSync(command!, rest, { cwd: empty, encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
  const output = `${child.stdout}${child.stderr}`;
  if (child.status !== 0) throw new Error(`run.sh ${parameters.join(' ')} ended with ${child.status}\n${output}`);
  return output;
}

try {
  mkdirSync(empty);
  const pack = spawnSync('pnpm', ['pack:offline', packed, '--dataset', 'gutenberg-books'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  expectThat(pack.status === 0, 'pnpm pack:offline');
  const sizes = readdirSync(packed).map((file) => statSync(join(packed, file)).size);
  expectThat(Math.max(...sizes) < largest, `${sizes.length} files of less than 60 MB`);
  expectThat(there('dynact', 'doctor').includes('backend in use: onnxruntime'), 'doctor');
  const trained = there('dynact', 'train', '--preset', 'nano', '--out', 'runs/nano');
  expectThat(trained.includes(`finished after 200 steps: ${join(empty, 'runs')}`), 'train --preset nano');
  const measured = there('bench', 'engine', '--model', 'tiny', '--steps', '2', '--rounds', '1', '--engines', 'wasm');
  expectThat(/^onnxruntime +[\d.]+/m.test(measured), 'bench engine');
  expectThat(readdirSync(empty).join() === 'runs', 'nothing but runs/ lies where it was called');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
