import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { startChild } from '../../../test/support/child-process.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { breakLock, lockFolder } from '../src/index.ts';

const lockOf = (folder: string) => join(folder, '.lock');
const holderOf = (folder: string) => JSON.parse(readFileSync(lockOf(folder), 'utf8')) as Record<string, unknown>;

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, linkSync: vi.fn(fs.linkSync) };
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.mocked(linkSync).mockReset();
});

/** The lock as the `restarts`th restart of a job of Slurm takes it. */
function lockAsAttempt(folder: string, restarts: number, job = '4711', task = '3') {
  vi.stubEnv('SLURM_JOB_ID', job);
  vi.stubEnv('SLURM_ARRAY_TASK_ID', task);
  vi.stubEnv('SLURM_RESTART_COUNT', restarts === 0 ? undefined : String(restarts));
  return lockFolder(folder);
}

describe('lock', () => {
  test('is refused to a second process while the first lives, and given once it has ended', async () => {
    const folder = temporaryFolder();
    const child = startChild(new URL('./support/children/hold-lock.ts', import.meta.url), folder);
    await child.printed('locked');
    expect(inputErrorOf(() => lockFolder(folder))).toContain(
      `${folder} is being written by process ${child.process.pid}; wait for it or stop it`,
    );
    child.process.stdin!.end();
    expect(await child.ended()).toBe(0);
    expect(existsSync(lockOf(folder))).toBe(false);
    lockFolder(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('of a killed process is taken over', async () => {
    const folder = temporaryFolder();
    const child = startChild(new URL('./support/children/hold-lock.ts', import.meta.url), folder);
    await child.printed('locked');
    child.process.kill('SIGKILL');
    await child.ended();
    expect(holderOf(folder).pid).toBe(child.process.pid);
    const lock = lockFolder(folder);
    expect(holderOf(folder).pid).toBe(process.pid);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'of a process that ended, and that its parent never asks after, is taken over',
    async () => {
      const folder = temporaryFolder();
      // The shell becomes a program that does not know of the child that it has. The child ends only after that:
      // a shell asks after a child that ends before.
      const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      });
      try {
        const [printed] = (await once(parent.stdout!, 'data')) as [Buffer];
        const pid = Number(printed);
        await vi.waitFor(() => expect(readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n'), 10_000);
        (parent.stdio[3] as Writable).end();
        await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /), 10_000);
        writeFileSync(lockOf(folder), JSON.stringify({ pid, host: hostname(), startedAt: null }));
        lockFolder(folder).release();
      } finally {
        parent.kill('SIGKILL');
      }
    },
  );

  test('goes to exactly one of several that start at once over a dead one', async () => {
    const folder = temporaryFolder();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(lockOf(folder), JSON.stringify({ pid: dead, host: hostname(), startedAt: '1' }));
    const children = Array.from({ length: 4 }, () =>
      startChild(new URL('./support/children/hold-lock.ts', import.meta.url), folder),
    );
    const outcomes = await Promise.all(
      children.map((child) => Promise.race([child.printed('locked').then(() => 'locked'), child.ended()])),
    );
    expect(outcomes.filter((outcome) => outcome === 'locked')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 2)).toHaveLength(3);
  });

  test.runIf(process.platform === 'linux')('of a process whose number was given away again is taken over', () => {
    const folder = temporaryFolder();
    const holder = { pid: process.ppid, host: hostname(), startedAt: '1' };
    writeFileSync(lockOf(folder), JSON.stringify(holder));
    lockFolder(folder).release();
    // Without a start time the number alone must count, and that process lives.
    writeFileSync(lockOf(folder), JSON.stringify({ ...holder, startedAt: null }));
    expect(inputErrorOf(() => lockFolder(folder))).toContain(`process ${process.ppid}`);
  });

  test('of another machine is respected, whoever has its number here', () => {
    const folder = temporaryFolder();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(lockOf(folder), JSON.stringify({ pid: dead, host: `not-${hostname()}`, startedAt: null }));
    const message = inputErrorOf(() => lockFolder(folder));
    expect(message).toContain(`process ${dead} on not-${hostname()}`);
    expect(message).toContain(`delete ${lockOf(folder)}`);
  });

  test('that a power cut left empty is taken over', () => {
    const folder = temporaryFolder();
    for (const text of ['', '{"pid":', '{"pid":"x"}']) {
      writeFileSync(lockOf(folder), text);
      lockFolder(folder).release();
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is refused to the same process as well, until it is released', () => {
    const folder = temporaryFolder();
    const first = lockFolder(folder);
    expect(inputErrorOf(() => lockFolder(folder))).toContain(`process ${process.pid}`);
    first.release();
    const second = lockFolder(folder);
    // A second release of the first must not give the second away.
    first.release();
    expect(inputErrorOf(() => lockFolder(folder))).toContain(`process ${process.pid}`);
    second.release();
    expect(existsSync(lockOf(folder))).toBe(false);
  });

  test('of an earlier attempt of the same job is taken over, and its holder notices and gives nothing away', () => {
    const folder = temporaryFolder();
    const first = lockAsAttempt(folder, 0);
    first.assertHeld();
    const second = lockAsAttempt(folder, 1);
    const lost = inputErrorOf(() => first.assertHeld());
    expect(lost).toContain(`${folder} was taken over by process ${process.pid}`);
    expect(inputErrorOf(() => first.assertHeld())).toContain('writes nothing more');
    first.release();
    second.assertHeld();
    expect(holderOf(folder).attempt).toEqual({ job: '4711_3', restarts: 1 });
    expect(inputErrorOf(() => lockAsAttempt(folder, 1))).toContain('is being written by');
    expect(inputErrorOf(() => lockAsAttempt(folder, 0))).toContain('is being written by');
    second.release();
    expect(readdirSync(folder)).toEqual([]);
    expect(inputErrorOf(() => second.assertHeld())).toContain('no longer held');
  });

  test.each([
    ['another job', '4712', '3'],
    ['another task of the job', '4711', '4'],
  ])('of %s is respected, however often this one was started', (_what, job, task) => {
    const folder = temporaryFolder();
    const first = lockAsAttempt(folder, 0);
    expect(inputErrorOf(() => lockAsAttempt(folder, 5, job, task))).toContain('is being written by');
    first.assertHeld();
  });

  test('of a node that was cut off is taken over by the job that was started again elsewhere', () => {
    const folder = temporaryFolder();
    const elsewhere = { pid: 7, host: 'node-1', startedAt: '1', attempt: { job: '4711_3', restarts: 1 }, token: 'a' };
    writeFileSync(lockOf(folder), JSON.stringify(elsewhere));
    lockAsAttempt(folder, 2).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that was deleted by hand is no longer held', () => {
    const folder = temporaryFolder();
    const first = lockFolder(folder);
    writeFileSync(lockOf(folder), '');
    expect(inputErrorOf(() => first.assertHeld())).toContain('no longer held');
    first.release();
    expect(readFileSync(lockOf(folder), 'utf8')).toBe('');
  });

  test.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])('works where hard links give %s', (code) => {
    vi.mocked(linkSync).mockImplementation(() => {
      throw Object.assign(new Error(code), { code });
    });
    const folder = temporaryFolder();
    const first = lockFolder(folder);
    first.assertHeld();
    expect(inputErrorOf(() => lockFolder(folder))).toContain(`process ${process.pid}`);
    first.release();
    const second = lockAsAttempt(folder, 0);
    const third = lockAsAttempt(folder, 1);
    second.release();
    third.assertHeld();
    third.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('of a name of its own leaves the others of the folder alone', () => {
    const folder = temporaryFolder();
    const [one, other] = [lockFolder(folder, '.a.lock'), lockFolder(folder, '.b.lock')];
    expect(inputErrorOf(() => lockFolder(folder, '.a.lock'))).toContain(`delete ${join(folder, '.a.lock')}`);
    one.release();
    other.assertHeld();
  });

  test('in a folder that cannot be is refused in one line', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
    mkdirSync(join(folder, 'taken', '.lock'), { recursive: true });
    for (const name of ['taken', 'file', 'file/x', 'dangling', 'dangling/x', 'loop', 'loop/x', 'x'.repeat(300)]) {
      expect(inputErrorOf(() => lockFolder(join(folder, name)))).toMatch(
        / cannot be written: .+; name another folder$/,
      );
    }
    if (process.platform === 'linux')
      for (const path of ['/proc/a', '/proc/a/b/c']) expect(inputErrorOf(() => lockFolder(path))).toContain('/proc/a');
  });
});

test('a lock is broken for a job that its engine has ended, and for nobody else; its holder writes nothing more', () => {
  const folder = temporaryFolder();
  const asked: string[] = [];
  const lock = lockAsAttempt(folder, 0);
  breakLock(folder, (job) => asked.push(job) < 0);
  lock.assertHeld();
  breakLock(folder, (job) => asked.push(job) > 0);
  expect(asked).toEqual(['4711_3', '4711_3']);
  expect(readdirSync(folder)).toEqual([]);
  expect(inputErrorOf(() => lock.assertHeld())).toContain('is no longer held by this process');
  vi.unstubAllEnvs();
  const own = lockFolder(folder);
  breakLock(folder, () => true);
  own.assertHeld();
  own.release();
  breakLock(folder, () => true);
});
