import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { endianness } from 'node:os';
import { bytesPerId } from './tokens.ts';

export interface TokenFileContents {
  /** sha256 of the file, in hexadecimal. */
  sha256: string;
  /** How often each id occurs. */
  counts: Float64Array;
  lastId: number | undefined;
}

/** One pass over a token file. @param onBytes is told how many bytes more are done */
export async function examineTokenFile(
  path: string,
  vocabularySize: number,
  onBytes: (bytes: number) => void = () => {},
): Promise<TokenFileContents> {
  const width = bytesPerId(vocabularySize);
  const hash = createHash('sha256');
  const counts = new Float64Array(vocabularySize);
  let lastId: number | undefined;
  // Blocks are a multiple of an id, so no id is ever cut.
  for await (const block of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const bytes = block as Buffer;
    hash.update(bytes);
    if (endianness() === 'BE') {
      if (width === 2) bytes.swap16();
      else bytes.swap32();
    }
    // A copy, because an array of numbers must begin at a multiple of its width.
    const { buffer } = new Uint8Array(bytes);
    const ids = width === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
    for (const id of ids) counts[id] = (counts[id] ?? 0) + 1;
    lastId = ids.at(-1) ?? lastId;
    onBytes(bytes.length);
  }
  return { sha256: hash.digest('hex'), counts, lastId };
}
