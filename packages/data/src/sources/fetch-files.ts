import { existsSync } from 'node:fs';
import { InputError } from '@dynact/files';
import type { DatasetDefinition } from '../definition.ts';
import { type SourceFile, sourceFile } from './documents.ts';
import { globMatcher, hasWildcards } from './glob.ts';
import { type FetchContext, storeFile, unreachable } from './store-file.ts';
import { pathParts, placeBelow } from './stored-place.ts';

type Source = DatasetDefinition['source'];

/** @throws InputError when a server does not give a file, or gives another than the definition's sha256 promises */
export async function fetchHttpFiles(
  { files }: Extract<Source, { kind: 'http' }>,
  context: FetchContext,
): Promise<SourceFile[]> {
  const fetched: SourceFile[] = [];
  for (const { url, sha256 } of files) {
    // The sum keeps apart files of equal names and of earlier definitions; the name's end says how to read the file.
    const name =
      new URL(url).pathname
        .split('/')
        .at(-1)
        ?.replace(/[^\w.-]/g, '_')
        .slice(-100) ?? '';
    const path = placeBelow(context.directory, [sha256.slice(0, 12), name.replace(/^\.*$/, 'index')]);
    if (!existsSync(path)) {
      const response = await request(url, context);
      // Compressed for its way, the body that comes out is longer than the length that is said.
      const isEncoded = response.headers.has('content-encoding');
      const total = isEncoded ? 0 : Number(response.headers.get('content-length') ?? 0);
      await storeFile(path, url, response.body, total, context, sha256);
    }
    fetched.push(sourceFile(url, path));
  }
  return fetched;
}

async function request(url: string, { signal }: FetchContext): Promise<Response & { body: AsyncIterable<Uint8Array> }> {
  let response: Response;
  try {
    response = await fetch(url, { signal: signal ?? null, headers: { 'accept-encoding': 'identity' } });
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(url, error);
  }
  if (!response.ok || response.body === null) {
    throw new InputError('dataset', `${url} answered ${response.status} ${response.statusText}: check the address`);
  }
  return response as Response & { body: AsyncIterable<Uint8Array> };
}

const defaultHub = 'https://huggingface.co';

/**
 * Through the hub's own client; `HF_TOKEN` opens private repositories and `HF_ENDPOINT` names another hub, as for
 * every other Hugging Face tool.
 * @throws InputError when the hub does not give a file, or one that would leave the folder
 */
export async function fetchHuggingFaceFiles(
  { repository, revision, files }: Extract<Source, { kind: 'huggingface' }>,
  context: FetchContext,
): Promise<SourceFile[]> {
  const hub = await import('@huggingface/hub');
  const where = `Hugging Face data set ${repository} (${revision})`;
  const repositoryParts = pathParts(repository, 'repository');
  const revisionParts = pathParts(revision, 'revision');
  const { HF_TOKEN: accessToken, HF_ENDPOINT: hubUrl } = process.env;
  const options = {
    repo: { type: 'dataset', name: repository } as const,
    fetch: fetchWithin(hubUrl || defaultHub, repository),
    ...(accessToken ? { accessToken } : {}),
    ...(hubUrl ? { hubUrl } : {}),
  };
  const folder = [...repositoryParts, encodeURIComponent(revisionParts.join('/'))];
  const listed = { ...options, revision: encodeURIComponent(revision), recursive: true };
  const fetched: SourceFile[] = [];
  try {
    for (const pattern of files) {
      const names = hasWildcards(pattern) ? await listMatches(hub.listFiles(listed), pattern) : [pattern];
      if (names.length === 0)
        throw new InputError('dataset', `${where} has no file that matches ${pattern}: check "files"`);
      for (const name of names) {
        const parts = pathParts(name, `file of ${where}`);
        const path = placeBelow(context.directory, [...folder, ...parts]);
        if (!existsSync(path)) {
          // The client puts the path into its address as it is.
          const encoded = parts.map(encodeURIComponent).join('/');
          const blob = await hub.downloadFile({ ...options, revision, path: encoded });
          if (blob === null) throw new InputError('dataset', `${where} has no file ${name}: check "files"`);
          await storeFile(path, `${where}: ${name}`, blob.stream(), blob.size, context);
        }
        fetched.push(sourceFile(name, path));
      }
    }
  } catch (error) {
    context.signal?.throwIfAborted();
    throw unreachable(where, error);
  }
  return fetched;
}

/** The token goes to its repository and nowhere else, whatever addresses an answer holds. */
function fetchWithin(hubUrl: string, repository: string): typeof fetch {
  const start = hubUrl.replace(/\/*$/, '');
  const homes = ['datasets', 'api/datasets'].map((kind) => `${start}/${kind}/${repository}/`);
  return (input, init) => {
    const { href } = new URL(input instanceof Request ? input.url : input);
    if (homes.some((home) => href.startsWith(home))) return fetch(input, init);
    const headers = new Headers(init?.headers);
    headers.delete('authorization');
    return fetch(input, { ...init, headers });
  };
}

async function listMatches(entries: AsyncIterable<{ type: string; path: string }>, pattern: string): Promise<string[]> {
  const isMatch = globMatcher(pattern);
  const names: string[] = [];
  for await (const { type, path } of entries) if (type === 'file' && isMatch(path)) names.push(path);
  return names.sort();
}
