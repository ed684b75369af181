import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '@dynact/files';
import type { DatasetDefinition } from '../definition.ts';
import { type SourceFile, sourceFile } from './documents.ts';
import { globMatcher, hasWildcards } from './glob.ts';

type Source = DatasetDefinition['source'];

export interface FetchContext {
  /** Where fetched files are kept: beside what is prepared from them. */
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the file being fetched, done and to do (0 where the server does not say). */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** @throws InputError when a server does not give a file, or gives another than the definition's sha256 promises */
export async function fetchHttpFiles(
  { files }: Extract<Source, { kind: 'http' }>,
  context: FetchContext,
): Promise<SourceFile[]> {
  const fetched: SourceFile[] = [];
  for (const { url, sha256 } of files) {
    // The sum in the name keeps apart files of equal names and files of earlier definitions.
    const path = join(context.directory, sha256.slice(0, 12), basename(new URL(url).pathname) || 'index');
    if (!existsSync(path)) {
      const response = await request(url, context);
      const total = Number(response.headers.get('content-length') ?? 0);
      await store(path, url, response.body, total, context, sha256);
    }
    fetched.push(sourceFile(url, path));
  }
  return fetched;
}

async function request(url: string, { signal }: FetchContext): Promise<Response & { body: AsyncIterable<Uint8Array> }> {
  let response: Response;
  try {
    response = await fetch(url, { signal: signal ?? null });
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(url, error);
  }
  if (!response.ok || response.body === null) {
    throw new InputError('dataset', `${url} answered ${response.status} ${response.statusText}: check the address`);
  }
  return response as Response & { body: AsyncIterable<Uint8Array> };
}

/**
 * Through the hub's own client; `HF_TOKEN` opens private repositories and `HF_ENDPOINT` names another hub, as for
 * every other Hugging Face tool.
 * @throws InputError when the hub does not give a file
 */
export async function fetchHuggingFaceFiles(
  { repository, revision, files }: Extract<Source, { kind: 'huggingface' }>,
  context: FetchContext,
): Promise<SourceFile[]> {
  const hub = await import('@huggingface/hub');
  const where = `Hugging Face data set ${repository} (${revision})`;
  const { HF_TOKEN: accessToken, HF_ENDPOINT: hubUrl } = process.env;
  const options = {
    repo: { type: 'dataset', name: repository } as const,
    revision,
    ...(accessToken ? { accessToken } : {}),
    ...(hubUrl ? { hubUrl } : {}),
  };
  const folder = join(context.directory, revision.replace(/[^\w.-]/g, '-'));
  const fetched: SourceFile[] = [];
  try {
    for (const pattern of files) {
      const names = hasWildcards(pattern) ? await listMatches(hub.listFiles(options), pattern) : [pattern];
      if (names.length === 0)
        throw new InputError('dataset', `${where} has no file that matches ${pattern}: check "files"`);
      for (const name of names) {
        const path = join(folder, ...name.split('/'));
        if (!existsSync(path)) {
          const blob = await hub.downloadFile({ ...options, path: name });
          if (blob === null) throw new InputError('dataset', `${where} has no file ${name}: check "files"`);
          await store(path, `${where}: ${name}`, blob.stream(), blob.size, context);
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

async function listMatches(entries: AsyncIterable<{ type: string; path: string }>, pattern: string): Promise<string[]> {
  const isMatch = globMatcher(pattern);
  const names: string[] = [];
  for await (const { type, path } of entries) if (type === 'file' && isMatch(path)) names.push(path);
  return names.sort();
}

/** Writes a body beside its place and moves it there when it is complete and is what was promised. */
async function store(
  path: string,
  what: string,
  body: AsyncIterable<Uint8Array>,
  total: number,
  { signal, onProgress, directory }: FetchContext,
  sha256?: string,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.part`;
  const hash = createHash('sha256');
  let done = 0;
  try {
    const file = await open(partial, 'w');
    try {
      for await (const bytes of body) {
        signal?.throwIfAborted();
        hash.update(bytes);
        await file.writeFile(bytes);
        done += bytes.length;
        onProgress?.(done, total);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (total > 0 && done !== total)
      throw new InputError('dataset', `${what} ended after ${done} of ${total} bytes: try again`);
    const found = hash.digest('hex');
    if (sha256 !== undefined && found !== sha256) {
      throw new InputError(
        'dataset',
        `${what} has sha256 ${found}, not the definition's ${sha256}: correct the definition or the file`,
      );
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    removeEmptyFolders(dirname(path), dirname(dirname(directory)));
    signal?.throwIfAborted();
    throw unreachable(what, error);
  }
}

/** Removes a folder and those around it, below `end`, as far as they are empty. */
function removeEmptyFolders(folder: string, end: string): void {
  for (let at = folder; at !== end && readdirSync(at).length === 0; at = dirname(at)) rmdirSync(at);
}

/** A failure of the network is the user's to mend; anything else is passed on as it is. */
function unreachable(what: string, error: unknown): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  const isNetwork = error instanceof TypeError || 'statusCode' in error || error.name === 'HubApiError';
  return isNetwork
    ? new InputError('dataset', `${what} cannot be fetched: ${error.message}${cause}: check the network`)
    : error;
}
