import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync } from 'node:fs';
import { InputError, writeFully } from '@dynact/files';
import {
  pieceBytes,
  readSafetensorsFrom,
  type SafetensorsContent,
  type StoredTensor,
  safetensorsPieces,
} from './safetensors.ts';

/** Writes tensors into a new safetensors file and makes it durable; no copy of the values is made, whatever their size. */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const descriptor = openSync(path, 'wx');
  try {
    for (const piece of safetensorsPieces(tensors, metadata)) writeFully(descriptor, piece);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The tensors of a safetensors file of any size.
 * @throws InputError, one line, when it is no file, cut off, or no safetensors file with F32 and I32 values
 */
export function readSafetensors(path: string): SafetensorsContent {
  // A pipe in its place would be waited for.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new InputError('run-folder', `${path} is not a file`);
    const read = (target: Uint8Array, position: number) => {
      for (let done = 0; done < target.byteLength; ) {
        const length = Math.min(pieceBytes, target.byteLength - done);
        const count = readSync(descriptor, target, done, length, position + done);
        if (count === 0) throw new InputError('run-folder', `${path} is cut off: it became shorter while it was read`);
        done += count;
      }
    };
    return readSafetensorsFrom({ size: status.size, read }, path);
  } finally {
    closeSync(descriptor);
  }
}
