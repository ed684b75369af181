import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { InputError, systemErrorCode } from '@dynact/files';
import { bytesPerId, type Tokens } from './tokens.ts';

const pageBytes = 32 * 1024;
/** 16 MiB: small corpora end up whole in memory, large ones cost no more than this. */
const mostPages = 512;

/** The ids of one split in a file; `read` throws InputError when the file has shrunk. */
export interface TokenFile extends Tokens {
  /** Closes the file; reading afterwards fails. */
  close(): void;
}

/**
 * @param path raw little-endian ids, as nanoGPT's token files
 * @param vocabularySize decides the width of an id, see `bytesPerId`
 * @throws InputError when the file cannot be opened or does not hold whole ids
 */
export function openTokenFile(path: string, vocabularySize: number): TokenFile {
  const width = bytesPerId(vocabularySize);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw new InputError(
      'dataset',
      `token file ${path} cannot be opened (${systemErrorCode(error)}): prepare the dataset again`,
    );
  }
  const bytes = fstatSync(descriptor).size;
  if (bytes % width !== 0) {
    closeSync(descriptor);
    throw new InputError('dataset', `token file ${path} is cut off in the middle of an id: prepare the dataset again`);
  }
  const length = bytes / width;
  const pages = new Map<number, Buffer>();

  const page = (index: number): Buffer => {
    let bytesOfPage = pages.get(index);
    if (bytesOfPage === undefined) {
      bytesOfPage = Buffer.allocUnsafeSlow(Math.min(pageBytes, bytes - index * pageBytes));
      readFully(descriptor, bytesOfPage, index * pageBytes, path);
      if (pages.size >= mostPages) pages.delete(pages.keys().next().value!);
    } else {
      pages.delete(index);
    }
    // Last in the map's order is the most recently used.
    pages.set(index, bytesOfPage);
    return bytesOfPage;
  };

  return {
    length,
    read(start, count) {
      if (!Number.isInteger(start) || !Number.isInteger(count) || start < 0 || count < 0 || start + count > length) {
        throw new RangeError(`ids ${start} to ${start + count} are outside ${path}, which holds ${length}`);
      }
      const ids = new Int32Array(count);
      let at = 0;
      while (at < count) {
        const position = (start + at) * width;
        const pageIndex = Math.floor(position / pageBytes);
        const source = page(pageIndex);
        let offset = position - pageIndex * pageBytes;
        const stop = Math.min(count, at + (source.length - offset) / width);
        for (; at < stop; at++, offset += width) {
          ids[at] = width === 2 ? source.readUInt16LE(offset) : source.readUInt32LE(offset);
        }
      }
      return ids;
    },
    close() {
      pages.clear();
      closeSync(descriptor);
    },
  };
}

function readFully(descriptor: number, buffer: Buffer, position: number, path: string): void {
  let filled = 0;
  while (filled < buffer.length) {
    const read = readSync(descriptor, buffer, filled, buffer.length - filled, position + filled);
    if (read === 0) throw new InputError('dataset', `token file ${path} has become shorter: prepare the dataset again`);
    filled += read;
  }
}
