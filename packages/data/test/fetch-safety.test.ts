import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { InputError } from '@dynact/files';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { prepareSmall, wholeTextOf } from './support/prepare.ts';

const text = 'A text from elsewhere, long enough for three splits. '.repeat(10);

interface Asked {
  readonly url: string;
  readonly token: string | undefined;
}

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', token: request.headers.authorization });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** A hub that gives the text for whatever is asked, and lists some names. */
function hubOf(...names: string[]) {
  return serve((request, response) => {
    if (request.url?.includes('/tree/')) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(names.map((path) => ({ type: 'file', path, size: text.length, oid: '0' }))));
      return;
    }
    response.setHeader('etag', '"1"');
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (range === null) return void response.end(text);
    response.setHeader('content-range', `bytes ${range[1]}-${range[2]}/${text.length}`);
    response.writeHead(206).end(text.slice(Number(range[1]), Number(range[2]) + 1));
  });
}

/** Datasets three folders deep, so that what climbs out of them is seen. */
function place(): { around: string; datasets: string } {
  const around = temporaryFolder();
  const datasets = join(around, 'a', 'b', 'datasets');
  mkdirSync(datasets, { recursive: true });
  return { around, datasets };
}

function define(folder: string, source: object): void {
  const splits = { by: 'position', validation: 0.1, test: 0.1 };
  writeFileSync(
    join(folder, 'd.json'),
    JSON.stringify({ name: 'd', description: 'D', license: 'CC0-1.0', source, splits }),
  );
}

const huggingFace = { kind: 'huggingface', repository: 'someone/stories', revision: 'v1', files: ['a.txt'] };

describe('a definition cannot write outside of its folder, nor send the token elsewhere:', () => {
  test.each<[string, object, string[]]>([
    ['a fragment that climbs', { files: ['payload.txt#/../../../../../x.txt'] }, []],
    ['a name that climbs', { files: ['../../../../../x.txt'] }, []],
    ['a name that climbs in the middle', { files: ['data/../../../../../../x.txt'] }, []],
    ['an absolute name', { files: ['/tmp/x.txt'] }, []],
    ['backslashes', { files: ['..\\..\\x.txt'] }, []],
    ['a NUL', { files: ['x.txt\0.jpg'] }, []],
    ['an empty part', { files: ['data//x.txt'] }, []],
    ['a drive', { files: ['C:x.txt'] }, []],
    ['a listing that climbs', { files: ['**.txt'] }, ['../../../../../x.txt']],
    ['a listing that climbs behind good names', { files: ['**.txt'] }, ['a.txt', 'b/../../../../../../x.txt']],
    ['a revision', { revision: '..', files: ['x.txt'] }, []],
    ['a revision of parts', { revision: 'v1/../../..', files: ['x.txt'] }, []],
    ['a repository', { repository: '../..', files: ['x.txt'] }, []],
    ['half a repository', { repository: 'someone/..', files: ['x.txt'] }, []],
  ])('%s', async (_, keys, names) => {
    const hub = await hubOf(...names);
    vi.stubEnv('HF_ENDPOINT', hub.url);
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { around, datasets } = place();
    define(datasets, { ...huggingFace, ...keys });
    const before = readdirSync(around, { recursive: true });
    const refused = prepareSmall('d', datasets);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(/leaves its folder: correct the definition|use owner\/name/);
    expect(
      readdirSync(around, { recursive: true }).filter((name) => !/^a\/b\/datasets\/d(?:\/|$)/.test(String(name))),
    ).toEqual(before);
    expect(existsSync('/tmp/x.txt')).toBe(false);
    for (const { url, token } of hub.asked) {
      if (token !== undefined) expect(url).toMatch(/^\/(?:api\/)?datasets\/someone\/stories\//);
    }
  });

  test('a link below the datasets that leads out of them', async () => {
    const hub = await hubOf();
    vi.stubEnv('HF_ENDPOINT', hub.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { around, datasets } = place();
    define(datasets, huggingFace);
    mkdirSync(join(datasets, 'd', 'source', 'someone'), { recursive: true });
    symlinkSync(around, join(datasets, 'd', 'source', 'someone', 'stories'));
    await expect(prepareSmall('d', datasets)).rejects.toThrow(/is a link out of \S+source: remove it/);
    expect(readdirSync(around)).toEqual(['a']);
  });

  test('characters that mean something in an address stay in the name', async () => {
    const hub = await hubOf();
    vi.stubEnv('HF_ENDPOINT', hub.url);
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { datasets } = place();
    const names = ['part #1.txt', 'what%2f..%2f.txt', 'a?b=c.txt'];
    define(datasets, { ...huggingFace, revision: 'refs/convert/text', files: [names[0], names[1]] });
    const dataset = await prepareSmall('d', datasets);
    expect(dataset.manifest.source.files.map(({ name }) => name)).toEqual(names.slice(0, 2));
    expect(readdirSync(join(datasets, 'd', 'source', 'someone', 'stories', 'refs%2Fconvert%2Ftext'))).toEqual(
      names.slice(0, 2).sort(),
    );
    const start = '/datasets/someone/stories/resolve/refs%2Fconvert%2Ftext/';
    expect(new Set(hub.asked.map(({ url }) => url))).toEqual(
      new Set([`${start}part%20%231.txt`, `${start}what%252f..%252f.txt`]),
    );
  });

  test('a listing that goes on elsewhere', async () => {
    const other = await serve((_, response) => response.setHeader('content-type', 'application/json').end('[]'));
    const hub = await serve((_, response) => {
      response.setHeader('link', `<${other.url}/datasets/someone/stories/>; rel="next"`);
      response.setHeader('content-type', 'application/json').end('[]');
    });
    vi.stubEnv('HF_ENDPOINT', hub.url);
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { datasets } = place();
    define(datasets, { ...huggingFace, files: ['*.txt'] });
    await expect(prepareSmall('d', datasets)).rejects.toThrow(/has no file that matches/);
    expect(hub.asked.map(({ token }) => token)).toEqual(['Bearer hf_secret']);
    expect(other.asked.map(({ token }) => token)).toEqual([undefined]);
  });

  test('repositories and revisions of one definition are kept apart', async () => {
    const hub = await hubOf();
    vi.stubEnv('HF_ENDPOINT', hub.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { datasets } = place();
    for (const keys of [
      {},
      { repository: 'other/stories' },
      { revision: 'v2' },
      { revision: 'v/2' },
      { revision: 'v-2' },
    ]) {
      const asked = hub.asked.length;
      define(datasets, { ...huggingFace, ...keys });
      await prepareSmall('d', datasets);
      expect(hub.asked.length).toBeGreaterThan(asked);
    }
  });
});

test.each([
  ['an npm package that climbs', { kind: 'npm', package: '../../etc', files: ['passwd'] }, /use the name of a package/],
  ['a file of an npm package that climbs', { kind: 'npm', package: 'zod', files: ['../x.txt'] }, /leaves its folder/],
])('%s is refused', async (_, source, message) => {
  const { datasets } = place();
  define(datasets, source);
  await expect(prepareSmall('d', datasets)).rejects.toThrow(message);
});

describe('files of the web', () => {
  const sha256 = createHash('sha256').update(text).digest('hex');

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (body: string) => Buffer.from(body)],
  ])('come with Content-Encoding %s', async (encoding, encode) => {
    const body = encode(text);
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': body.length }).end(body);
    });
    const { datasets } = place();
    define(datasets, { kind: 'http', files: [{ url: `${url}/corpus.txt`, sha256 }] });
    expect(await wholeTextOf(await prepareSmall('d', datasets))).toBe(`${text.trim()}<|endoftext|>`);
  });

  test('are asked for as they are', async () => {
    let accepted: string | undefined;
    const { url } = await serve((request, response) => {
      accepted = request.headers['accept-encoding'];
      response.end(text);
    });
    const { datasets } = place();
    define(datasets, { kind: 'http', files: [{ url: `${url}/corpus.txt`, sha256 }] });
    await prepareSmall('d', datasets);
    expect(accepted).toBe('identity');
  });

  test.each([
    '/',
    '/..%2f..%2f..%2fx.txt',
    '/%2e%2e/x.txt',
    '/a%00b.txt',
    `/${'x'.repeat(400)}.txt`,
    '/..',
    '/a?name=../../x.txt',
  ])('stay in their folder: %s', async (path) => {
    const { url } = await serve((_, response) => response.end(text));
    const { around, datasets } = place();
    define(datasets, { kind: 'http', files: [{ url: `${url}${path}`, sha256 }] });
    await prepareSmall('d', datasets);
    expect(readdirSync(join(datasets, 'd', 'source', sha256.slice(0, 12)))).toHaveLength(1);
    expect(readdirSync(around)).toEqual(['a']);
    expect(readdirSync(join(around, 'a'))).toEqual(['b']);
    expect(readdirSync(join(datasets, 'd', 'source'))).toEqual([sha256.slice(0, 12)]);
  });
});
