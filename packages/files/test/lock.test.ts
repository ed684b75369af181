import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { startChild } from '../../../test/support/child-process.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { lockFolder } from '../src/index.ts';

const lockOf = (folder: string) => join(folder, '.lock');
const holderOf = (folder: string) => JSON.parse(readFileSync(lockOf(folder), 'utf8')) as Record<string, unknown>;

describe('lock', () => {
  it('is refused to a second process while the first lives, and given once it has ended', async () => {
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

  it('of a killed process is taken over', async () => {
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

  it('goes to exactly one of several that start at once over a dead one', async () => {
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

  it.runIf(process.platform === 'linux')('of a process whose number was given away again is taken over', () => {
    const folder = temporaryFolder();
    const holder = { pid: process.ppid, host: hostname(), startedAt: '1' };
    writeFileSync(lockOf(folder), JSON.stringify(holder));
    lockFolder(folder).release();
    // Without a start time the number alone must count, and that process lives.
    writeFileSync(lockOf(folder), JSON.stringify({ ...holder, startedAt: null }));
    expect(inputErrorOf(() => lockFolder(folder))).toContain(`process ${process.ppid}`);
  });

  it('of another machine is respected, whoever has its number here', () => {
    const folder = temporaryFolder();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(lockOf(folder), JSON.stringify({ pid: dead, host: `not-${hostname()}`, startedAt: null }));
    const message = inputErrorOf(() => lockFolder(folder));
    expect(message).toContain(`process ${dead} on not-${hostname()}`);
    expect(message).toContain(`delete ${lockOf(folder)}`);
  });

  it('that a power cut left empty is taken over', () => {
    const folder = temporaryFolder();
    for (const text of ['', '{"pid":', '{"pid":"x"}']) {
      writeFileSync(lockOf(folder), text);
      lockFolder(folder).release();
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused to the same process as well, until it is released', () => {
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
});
