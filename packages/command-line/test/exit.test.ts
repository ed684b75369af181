import { mkdirSync, openSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startChild } from '../../../test/support/child-process.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { Interrupted, report } from '../src/index.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Standard error of `report`, and its exit code. */
function reported(error: unknown): { text: string; code: number } {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => {
    text += part;
    return true;
  });
  return { code: report(error), text };
}

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('report', () => {
  test('wrong input is one line and 2, known by its exit code alone', () => {
    const error = Object.assign(new Error('a\n  b'), { exitCode: 2 });
    expect(reported(error)).toEqual({ code: 2, text: 'error: a b\n' });
  });

  test('usage, which commander has written already, is 2, and help 0', () => {
    expect(reported(new CommanderError(1, 'commander.unknownOption', 'x'))).toEqual({ code: 2, text: '' });
    expect(reported(new CommanderError(0, 'commander.helpDisplayed', 'x'))).toEqual({ code: 0, text: '' });
  });

  test('work that was interrupted and saved is one line and 130', () => {
    expect(reported(new Interrupted('go on with x'))).toEqual({ code: 130, text: 'go on with x\n' });
  });

  test('a failure of our own is its stack and 1', () => {
    const { code, text } = reported(new TypeError('no'));
    expect(code).toBe(1);
    expect(text).toMatch(/^TypeError: no\n {4}at /);
    expect(reported('text')).toEqual({ code: 1, text: 'text\n' });
  });

  test.each([
    () => new Float32Array(2 ** 53 - 1),
    () => new ArrayBuffer(2 ** 52),
    () => {
      throw new Error('Non-zero status code while running Gemm node. Failed to allocate memory for a buffer of size 9');
    },
    () => {
      throw new Error('swiglu seed 0: RangeError: Array buffer allocation failed\n    at somewhere');
    },
  ])('memory that is used up is one line: %s', (allocate) => {
    const { code, text } = reported(thrownBy(allocate));
    expect(code).toBe(1);
    expect(text).toMatch(/^error: out of memory \([^\n]+\); lower training\.batchSize[^\n]+\n$/);
  });

  test.runIf(process.platform === 'linux')('a full disk is one line and 2, wherever it is met', () => {
    const full = openSync('/dev/full', 'w');
    const { code, text } = reported(thrownBy(() => writeSync(full, 'x')));
    expect([code, text]).toEqual([
      2,
      'error: a file cannot be written: no space is left on the disk; mend that and try again\n',
    ]);
    const sealed = thrownBy(() => mkdirSync('/sys/dynact'));
    expect(reported(sealed)).toEqual({
      code: 2,
      text: 'error: /sys/dynact cannot be used: permission denied; mend that and try again\n',
    });
  });

  test('other system errors keep their stack', () => {
    const folder = temporaryFolder();
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
    expect(reported(thrownBy(() => writeFileSync(join(folder, 'loop'), ''))).code).toBe(1);
  });
});

describe('signals', () => {
  const script = new URL('./support/children/work.ts', import.meta.url);
  test.each([
    ['SIGINT', {}, 130],
    ['SIGTERM', {}, 143],
    ['SIGHUP', {}, 129],
    ['SIGTERM', { SLURM_JOB_ID: '7' }, 75],
    ['SIGINT', { SLURM_JOB_ID: '7' }, 130],
  ] as const)('%s saves the work (environment %j)', async (signal, environment, code) => {
    const child = startChild(script, JSON.stringify(environment));
    await child.printed('working');
    child.process.kill(signal);
    await child.printed('saved');
    expect(await child.ended()).toBe(code);
  });

  test('the second one ends the process at once', async () => {
    const child = startChild(script, '{}', 'slow');
    await child.printed('working');
    child.process.kill('SIGTERM');
    await child.printed('once more to stop at once');
    child.process.kill('SIGTERM');
    expect(await child.ended()).toBe(143);
  });

  test("a cluster's second SIGTERM does not: what is being saved is saved", async () => {
    const child = startChild(script, JSON.stringify({ SLURM_JOB_ID: '7' }));
    await child.printed('working');
    child.process.kill('SIGTERM');
    await child.printed('stopping after this step');
    child.process.kill('SIGTERM');
    await child.printed('saved');
    expect(await child.ended()).toBe(75);
  });

  test('a reader of stderr that goes away does not end the work', async () => {
    const child = startChild(script, '{}');
    await child.printed('working');
    child.process.stderr!.destroy();
    child.process.kill('SIGHUP');
    await child.printed('saved');
    expect(await child.ended()).toBe(129);
  });
});
