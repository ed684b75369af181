import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workbench } from './support/workbench.ts';

/** A disk of two megabytes, where this process may mount one. */
const bench = new Workbench();
const disk = bench.path('disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status === 0;
const trained = bench.path('trained');

beforeAll(async () => {
  if (!mounted) return;
  const { status, stderr } = await bench.run('train', ...bench.tiny({ 'training.steps': 2 }), '--out', trained);
  expect(status, stderr).toBe(0);
}, 300_000);

afterAll(() => {
  if (mounted) execFileSync('umount', ['-l', disk]);
});

/** The disk with so many bytes left, and so many settings: `ro` for one that cannot be written. */
function refill(left: number): void {
  execFileSync('mount', ['-o', 'remount,rw', disk]);
  for (const name of readdirSync(disk)) execFileSync('rm', ['-rf', join(disk, name)]);
  writeFileSync(join(disk, 'filler'), Buffer.alloc(2 * 1024 * 1024 - left));
}

const commands: [string, string[]][] = [
  ['train', ['train', ...bench.tiny({ 'model.width': 128 }), '--out', join(disk, 'run')]],
  ['compare', ['compare', ...bench.tiny({ 'model.width': 128 }), '--seeds', '0', '--out', join(disk, 'gates')]],
  ['export', ['export', trained, '--format', 'safetensors', '--out', join(disk, 'exported')]],
];

describe.runIf(mounted)('one line and exit code 2', () => {
  test.each(commands)(
    'on a disk without room: %s',
    async (_, command) => {
      refill(8 * 1024);
      const { status, stderr } = await bench.run(...command);
      expect(stderr).toMatch(/no space is left on the disk/);
      expect(stderr).not.toMatch(/^ {4}at /m);
      expect(status).toBe(2);
      expect(existsSync(join(disk, 'filler'))).toBe(true);
    },
    300_000,
  );

  test.each(commands)(
    'on a disk that cannot be written: %s',
    async (_, command) => {
      refill(8 * 1024);
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      const { status, stderr } = await bench.run(...command);
      expect(stderr).toMatch(/the file system is read-only/);
      expect(stderr).not.toMatch(/^ {4}at /m);
      expect(status).toBe(2);
    },
    300_000,
  );
});
