import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from '@dynact/files';
import { compressionOf, type SourceFile, unreadable } from './documents.ts';
import { unzstd } from './unzstd.ts';

/** Small enough that the text of a block is no large object to V8, which is slow to give those back. */
const blockBytes = 64 * 1024;

export interface Block {
  readonly bytes: Buffer;
  /** Bytes of the file (as it lies on the disk) read so far. */
  readonly position: number;
}

/**
 * A file's contents, decompressed. A block is valid until the next one is asked for.
 * @param hash gets the bytes as they lie on the disk
 * @throws InputError when the file cannot be read or its compression is damaged
 */
export async function* readBytes(file: SourceFile, hash: (bytes: Uint8Array) => void): AsyncGenerator<Block> {
  let position = 0;
  const raw = readRaw(file, (bytes) => {
    hash(bytes);
    position += bytes.length;
  });
  const compression = compressionOf(file.name);
  const contents = compression === 'gzip' ? gunzip(raw) : compression === 'zstd' ? unzstd(raw) : raw;
  try {
    for await (const bytes of contents) yield { bytes, position };
  } catch (error) {
    if (error instanceof InputError || compression === undefined) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('dataset', `${file.path} is not a whole ${compression} file (${reason}): fetch it again`);
  }
}

async function* readRaw(file: SourceFile, onBytes: (bytes: Buffer) => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file.path, { highWaterMark: blockBytes })) {
      const bytes = chunk as Buffer;
      onBytes(bytes);
      yield bytes;
    }
  } catch (error) {
    throw unreadable(file.path, error);
  }
}

async function* gunzip(raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: blockBytes });
  // Errors of either end destroy the stream, and reading it then throws them.
  pipeline(Readable.from(raw), stream, () => {});
  for await (const bytes of stream) yield bytes as Buffer;
}
