import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { type Dashboard, startDashboard } from '../src/index.ts';
import type { StreamMessage } from '../src/protocol.ts';
import { writeExampleRun } from './support/example-runs.ts';

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** @param path as it is: not made right on the way, as a browser would */
function ask(address: string, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
        // A stream of events does not end by itself.
        if (body.includes('"kind"')) response.destroy();
      });
      const done = () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      response.on('end', done).on('close', done);
    });
    sent.on('error', reject).end();
  });
}

function firstMessage(body: string): StreamMessage {
  return JSON.parse(/^data: (.*)$/m.exec(body)![1]!) as StreamMessage;
}

describe('the server', () => {
  let dashboard: Dashboard;
  let folder: string;
  const hostile = '<img src=x onerror=alert(1)>';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dynact-test-'));
    writeExampleRun(join(folder, 'runs', 'good'), { steps: 40, seed: 1, kind: 'swiglu' });
    writeExampleRun(join(folder, 'runs', hostile), { steps: 40, seed: 2, kind: 'swiglu' });
    writeExampleRun(join(folder, 'outside'), { steps: 40, seed: 3, kind: 'swiglu' });
    symlinkSync(join(folder, 'outside'), join(folder, 'runs', 'linked'));
    mkdirSync(join(folder, 'runs', 'secret'));
    symlinkSync('/etc/passwd', join(folder, 'runs', 'secret', 'config.json'));
    writeFileSync(join(folder, 'runs', 'secret', 'metrics.jsonl'), '');
    dashboard = await startDashboard({ folders: [join(folder, 'runs')], port: 0 });
  });

  afterAll(async () => {
    await dashboard?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('lists what lies below the folder and nothing that a link leads to', async () => {
    const { body } = await ask(dashboard.address, '/events');
    const message = firstMessage(body);
    if (message.kind !== 'listing') throw new Error(message.kind);
    const rows = message.patch.runs.map(({ name, state, problem }) => [name, state, problem]);
    expect(rows.sort()).toEqual([
      [hostile, 'finished', null],
      ['good', 'finished', null],
      ['secret', 'unreadable', 'config.json is missing'],
    ]);
    expect(body).not.toContain('root:');
  });

  test.each([
    ['another name', { host: 'evil.example' }],
    ['another name with our port', { host: 'evil.example:6007' }],
    ['a name that begins as ours', { host: 'localhost.evil.example' }],
    ['no name at all', { host: '@' }],
  ])('refuses a request with %s as Host', async (_, headers) => {
    for (const path of ['/', '/events', '/page.js']) {
      expect((await ask(dashboard.address, path, headers)).status).toBe(421);
    }
  });

  test.each([
    '/../package.json',
    '/..%2f..%2fetc/passwd',
    '//etc/passwd',
    '/page.js/../../package.json',
    '/runs/good/config.json',
    '/%00',
  ])('has nothing at %s', async (path) => {
    const { status, body } = await ask(dashboard.address, path);
    expect([status, body]).toEqual([404, 'there is nothing here\n']);
  });

  test('reads no log of a run that it did not find itself', async () => {
    for (const id of ['0/../outside', '../outside', '0/linked', '/etc/passwd', '0/good/../../outside']) {
      const { body } = await ask(
        dashboard.address,
        `/zoom?runs=${encodeURIComponent(id)}&axis=step&low=0&high=9&points=99`,
      );
      expect(body).toBe('[]');
    }
  });

  test('answers GET only, and tells browsers what the page may not do', async () => {
    expect((await ask(dashboard.address, '/', {}, 'POST')).status).toBe(405);
    expect((await ask(dashboard.address, '/', {}, 'OPTIONS')).status).toBe(405);
    const { headers } = await ask(dashboard.address, '/', { origin: 'https://evil.example' });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test.each(['/events?points=1e9', '/events?points=x', '/zoom', '/zoom?runs=a&axis=up&low=0&high=1&points=99'])(
    'refuses the nonsense of %s',
    async (path) => {
      expect((await ask(dashboard.address, path)).status).toBe(400);
    },
  );

  test('lives through 1 000 connections, and answers when they are gone', async () => {
    const port = Number(new URL(dashboard.address).port);
    const sockets = Array.from({ length: 1000 }, (): Socket => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
      return socket;
    });
    const answers: string[] = [];
    for (const socket of sockets) socket.once('data', (data) => answers.push(String(data).slice(0, 12)));
    await expect.poll(() => answers.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(64);
    await expect.poll(() => sockets.filter(({ closed }) => closed).length, { timeout: 20_000 }).toBeGreaterThan(700);
    expect(answers.filter((answer) => answer === 'HTTP/1.1 200')).toHaveLength(64);
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(async () => (await ask(dashboard.address, '/').catch(() => undefined))?.status, { timeout: 20_000 })
      .toBe(200);
  });
});

describe('for others than this machine', () => {
  test('needs the token of the printed address, whatever the Host', async () => {
    const dashboard = await startDashboard({ folders: [temporaryFolder()], port: 0, host: '0.0.0.0' });
    try {
      const token = new URL(dashboard.address).searchParams.get('token')!;
      expect(token).toMatch(/^[0-9a-f]{32}$/);
      expect((await ask(dashboard.address, '/')).status).toBe(403);
      expect((await ask(dashboard.address, '/events')).status).toBe(403);
      expect((await ask(dashboard.address, `/?token=${token.replace(/^./, 'x')}`)).status).toBe(403);
      expect((await ask(dashboard.address, `/?token=${token}`, { host: 'some-box:80' })).status).toBe(200);
      expect((await ask(dashboard.address, `/events?token=${token}`)).status).toBe(200);
    } finally {
      await dashboard.close();
    }
  });
});

test.each([
  ['a folder that is not there', { folders: ['/nowhere'] }, /\/nowhere does not exist; name a folder of runs/],
  ['a file', { folders: [import.meta.filename] }, /is no folder/],
  [
    'an address of another machine',
    { folders: ['.'], host: '192.0.2.1', port: 0 },
    /--host 192\.0\.2\.1: it is no address of this/,
  ],
])('refuses %s in one line', async (_, options, message) => {
  await expect(startDashboard(options)).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
});
