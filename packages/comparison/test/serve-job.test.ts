import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

test('a worker whose parent is gone saves and ends, without a word of complaint', async () => {
  const program = fileURLToPath(new URL('./support/children/patient-worker.ts', import.meta.url));
  const child = fork(program, { silent: true, execArgv: ['--conditions=@dynact/source', '--import', 'tsx'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [stdout, stderr] = [child.stdout!, child.stderr!].map(text);
  child.send({ name: 'a job' });
  await once(child, 'message');
  child.disconnect();
  const [code] = await once(child, 'exit');
  expect([await stdout, await stderr]).toEqual(['saved', '']);
  expect(code).toBe(0);
});
