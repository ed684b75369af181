import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { InputError } from '@dynact/files';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { documentsOf, prepareSmall } from './support/prepare.ts';

const files: Record<string, string> = {
  'data/train-0.jsonl': '{"text":"first of train"}\n{"text":"second of train"}\n',
  'data/train-1.jsonl': '{"text":"third of train"}\n',
  'data/valid.jsonl': '{"text":"validation"}\n',
  'data/test.jsonl': '{"text":"test"}\n',
};

/** A server that answers as the hub does for one data set at one revision, and counts what it is asked. */
async function startHub(): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').split('?')[0]!;
    requests.push(path);
    const name = path.replace('/datasets/someone/stories/resolve/v1/', '');
    const body = files[name];
    if (path.startsWith('/api/datasets/someone/stories/tree/v1')) {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify(
          Object.entries(files).map(([path, text]) => ({ type: 'file', path, size: text.length, oid: '0' })),
        ),
      );
    } else if (body === undefined) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    } else {
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
      response.setHeader('etag', '"1"');
      if (range === null) return void response.end(body);
      response.setHeader('content-range', `bytes ${range[1]}-${range[2]}/${body.length}`);
      response.writeHead(206).end(body.slice(Number(range[1]), Number(range[2]) + 1));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function define(folder: string, source: object): void {
  const splits = { by: 'file', validation: ['**valid*'], test: ['**test*'] };
  const definition = { name: 'stories', description: 'Stories', license: 'CC0-1.0', source, splits };
  writeFileSync(join(folder, 'stories.json'), JSON.stringify(definition));
}

test('a Hugging Face data set is fetched once, by wildcards', async () => {
  const hub = await startHub();
  vi.stubEnv('HF_ENDPOINT', hub.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = temporaryFolder();
  const source = { kind: 'huggingface', repository: 'someone/stories', revision: 'v1', files: ['data/*.jsonl'] };
  define(folder, source);
  const dataset = await prepareSmall('stories', folder);
  expect(await documentsOf(dataset, 'train')).toEqual(['first of train', 'second of train', 'third of train']);
  expect(await documentsOf(dataset, 'validation')).toEqual(['validation']);
  expect(readdirSync(join(folder, 'stories', 'source', 'someone', 'stories', 'v1', 'data'))).toHaveLength(4);
  const asked = hub.requests.length;
  await prepareSmall('stories', folder, { vocabularySize: 300 });
  expect(hub.requests.slice(asked).filter((path) => path.includes('/resolve/'))).toEqual([]);

  define(folder, { ...source, files: ['data/none.jsonl'] });
  const missing = prepareSmall('stories', folder, { vocabularySize: 301 });
  await expect(missing).rejects.toThrow(/data set someone\/stories \(v1\) has no file data\/none\.jsonl/);
  await expect(missing).rejects.toThrow(InputError);
  define(folder, { ...source, files: ['*.parquet'] });
  await expect(prepareSmall('stories', folder)).rejects.toThrow(/has no file that matches \*\.parquet/);
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
  define(folder, { ...source, files: ['data/other.jsonl'] });
  await expect(prepareSmall('stories', folder)).rejects.toThrow(/cannot be fetched: .*check the network/);
});

test('a file of the web is fetched once and checked', async () => {
  const hub = await startHub();
  const folder = temporaryFolder();
  const of = (name: string) => ({
    url: `${hub.url}/datasets/someone/stories/resolve/v1/${name}`,
    sha256: createHash('sha256').update(files[name]!).digest('hex'),
  });
  define(folder, { kind: 'http', files: Object.keys(files).map(of) });
  const dataset = await prepareSmall('stories', folder);
  expect(await documentsOf(dataset, 'train')).toEqual(['first of train', 'second of train', 'third of train']);
  await prepareSmall('stories', folder, { vocabularySize: 300 });
  expect(hub.requests).toHaveLength(4);
});
