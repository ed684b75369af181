import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { canUnshare, listen } from '../../../test/support/silence.ts';

const { ORT_DISABLE_TELEMETRY: _, CI: __, ...environment } = process.env;
const stranger = fileURLToPath(new URL('support/stranger.ts', import.meta.url));
const program = ['--conditions=@dynact/source', '--import', 'tsx', stranger];

/** Several programs start one after the other. */
const timeout = 240_000;
const needs = canUnshare ? '' : ' (skipped: `unshare -rnm` makes no namespaces here)';

describe.skipIf(!canUnshare)(`a program on the backend${needs}`, { timeout }, () => {
  test('opens no connection, asks for no name, and leaves HOME and TMPDIR empty', () => {
    const { status, stdout, ...heard } = listen(program);
    expect([status, stdout.trim()]).toEqual([0, '4096']);
    expect(heard).toMatchObject({ names: [], connections: 0, datagrams: 0, files: [] });
  });

  test('sends telemetry only where the environment says so: the namespace would show it', () => {
    const { status, files } = listen(program, { ORT_DISABLE_TELEMETRY: '0' });
    expect(status).toBe(0);
    expect(files.filter((file) => file.includes('onnxruntime')).length).toBeGreaterThan(0);
  });
});

describe('a worker thread, whose environment the library does not see', { timeout }, () => {
  const backend = JSON.stringify(new URL('../src/index.ts', import.meta.url));
  /** @returns what a worker that imports the backend ends with: an error's message, or nothing */
  const load = (env: NodeJS.ProcessEnv) =>
    new Promise<string>((resolve) => {
      const program = `import('tsx/esm/api').then(({ register }) => { register(); return import(${backend}); })`;
      const worker = new Worker(program, { eval: true, env, execArgv: ['--conditions=@dynact/source'] });
      worker.on('error', (error) => resolve(error instanceof Error ? error.message : String(error)));
      worker.on('exit', () => resolve(''));
    });

  test('is refused where telemetry would be on, and runs where somebody decided', async () => {
    expect(await load(environment)).toMatch(/worker thread.*ORT_DISABLE_TELEMETRY=1/);
    expect(await load({ ...environment, ORT_DISABLE_TELEMETRY: '1' })).toBe('');
  });
});
