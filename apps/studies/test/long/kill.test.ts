import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startChild } from '../../../../test/support/child-process.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import { studies } from '../../src/studies.ts';

const main = new URL('../../src/main.ts', import.meta.url);

test('a study that is killed and called again ends the same', async () => {
  const folder = temporaryFolder();
  const killed = join(folder, 'killed');
  const child = startChild(main, 'depth', '--quick', '--out', killed);
  const first = join(killed, 'layers-1', 'relu-seed-0', 'summary.json');
  while (!existsSync(first) && child.process.exitCode === null) await setTimeout(20);
  child.process.kill('SIGKILL');
  await child.ended();
  expect(existsSync(join(killed, 'layers-3', 'comparison.json'))).toBe(false);
  const depth = studies.find(({ name }) => name === 'depth')!;
  const signal = new AbortController().signal;
  for (const out of [killed, join(folder, 'whole')]) {
    await depth.run({ ...{ out, signal, size: 'quick', set: [], jobs: 0 } });
  }
  const text = (out: string) => readFileSync(join(folder, out, 'layers-3', 'comparison.json'), 'utf8');
  expect(text('killed')).toBe(text('whole'));
});
