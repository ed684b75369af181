import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError, syncDirectory } from '@dynact/files';

export interface FetchContext {
  /** Where fetched files are kept: beside what is prepared from them. */
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the file being fetched, done and to do (0 where the server does not say). */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Writes a body beside its place and moves it there when it is complete and is what was promised. */
export async function storeFile(
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
    rmSync(partial, { force: true });
    const file = await open(partial, 'wx');
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
    syncDirectory(dirname(path));
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
export function unreachable(what: string, error: unknown): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  const isNetwork = error instanceof TypeError || 'statusCode' in error || error.name === 'HubApiError';
  return isNetwork
    ? new InputError('dataset', `${what} cannot be fetched: ${error.message}${cause}: check the network`)
    : error;
}
