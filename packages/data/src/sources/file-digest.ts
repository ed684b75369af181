import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { unreadable } from './documents.ts';

/** sha256 of a file, in hexadecimal. @param signal ends it early @throws InputError when it cannot be read */
export async function fileDigest(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024, ...(signal ? { signal } : {}) })) {
      hash.update(bytes as Buffer);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadable(path, error);
  }
  return hash.digest('hex');
}
