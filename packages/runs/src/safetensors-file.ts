import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync } from 'node:fs';
import { InputError, writeFully } from '@dynact/files';
import {
  pieceBytes,
  readSafetensorsFrom,
  type SafetensorsContent,
  type StoredTensor,
  safetensorsPieces,
} from './safetensors.ts';

/**
 * Writes tensors into a new safetensors file and makes it durable; no copy of the values is made, whatever their size.
 * @returns the sha256 of the file, in hexadecimal
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): string {
  const descriptor = openSync(path, 'wx');
  const hash = createHash('sha256');
  try {
    for (const piece of safetensorsPieces(tensors, metadata)) {
      writeFully(descriptor, piece);
      hash.update(piece);
    }
    fsyncSync(descriptor);
    return hash.digest('hex');
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The tensors of a safetensors file of any size.
 * @param sha256 of the file as it was written, where that is known
 * @throws InputError, one line, when it is no file, cut off, no safetensors file with F32 and I32 values, or another file
 */
export function readSafetensors(path: string, sha256?: string): SafetensorsContent {
  // A pipe in its place would be waited for.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new InputError('run-folder', `${path} is not a file`);
    const hash = createHash('sha256');
    let hashed = 0;
    const read = (target: Uint8Array, position: number) => {
      for (let done = 0; done < target.byteLength; ) {
        const length = Math.min(pieceBytes, target.byteLength - done);
        const count = readSync(descriptor, target, done, length, position + done);
        if (count === 0) throw new InputError('run-folder', `${path} is cut off: it became shorter while it was read`);
        done += count;
      }
      // Files of ours are read in the order of their bytes, and need no second look.
      if (sha256 === undefined || position !== hashed) return;
      hash.update(target);
      hashed += target.byteLength;
    };
    const content = readSafetensorsFrom({ size: status.size, read }, path);
    if (sha256 === undefined || (hashed === status.size && hash.digest('hex') === sha256)) return content;
    throw new InputError(
      'run-folder',
      `${path} is damaged: its sha256 is not the one that was recorded as it was written`,
    );
  } finally {
    closeSync(descriptor);
  }
}
