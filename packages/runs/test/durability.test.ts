import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';

const hasStrace = spawnSync('strace', ['-V']).status === 0;

test.skipIf(!hasStrace)(
  'every name is made durable: its folder is synced after it was made or renamed',
  () => {
    const folder = temporaryFolder();
    const trace = join(folder, 'trace');
    const script = fileURLToPath(new URL('./support/children/write-one-checkpoint.ts', import.meta.url));
    const node = [process.execPath, '--conditions=@dynact/source', '--import', 'tsx', script, join(folder, 'run')];
    // With -y, a descriptor is followed by its path.
    const calls = 'trace=mkdir,mkdirat,rename,renameat,renameat2,fsync,openat';
    const { status, stderr } = spawnSync('strace', ['-f', '-y', '-o', trace, '-e', calls, ...node], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    const lines = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => line.includes(folder));
    const run = join(folder, 'run');
    const checkpoints = join(run, 'checkpoints');
    const line = (pattern: RegExp, from = 0) => lines.findIndex((text, index) => index >= from && pattern.test(text));
    for (const [made, parent] of [
      [new RegExp(`mkdir.*"${run}"`), folder],
      [new RegExp(`rename.*"${run}/config.json"`), run],
      [new RegExp(`openat.*"${run}/metrics.jsonl".*O_CREAT`), run],
      [new RegExp(`mkdir.*"${checkpoints}"`), run],
      [new RegExp(`rename.*"${checkpoints}/step-00000001"`), checkpoints],
    ] as const) {
      const at = line(made);
      expect(at, String(made)).toBeGreaterThanOrEqual(0);
      expect(line(new RegExp(`fsync\\(\\d+<${parent}>\\)`), at), `${parent} after ${made}`).toBeGreaterThan(at);
    }
    // The log is synced before the checkpoint appears: no checkpoint is ahead of it.
    const log = line(new RegExp(`fsync\\(\\d+<${run}/metrics.jsonl>`));
    const appeared = line(new RegExp(`rename.*"${checkpoints}/step-00000001"`));
    expect(log).toBeGreaterThanOrEqual(0);
    expect(log).toBeLessThan(appeared);
  },
  180_000,
);
