import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@dynact/files';
import { readIdxPictures } from './idx.ts';
import type { Pictures } from './pictures.ts';

/** A data set of pictures in two parts. */
export interface PictureSplits {
  readonly train: Pictures;
  readonly test: Pictures;
}

/**
 * MNIST or Fashion-MNIST from a folder of their four files, under their usual names: `train-images-idx3-ubyte` with or
 * without `.gz`, also with a point for the last hyphen.
 * @throws InputError when a file is missing or damaged
 */
export function readMnist(folder: string): PictureSplits {
  const part = (name: string): Pictures =>
    readIdxPictures(
      findFile(folder, `${name}-images`, 'idx3-ubyte'),
      findFile(folder, `${name}-labels`, 'idx1-ubyte'),
      10,
    );
  return { train: part('train'), test: part('t10k') };
}

function findFile(folder: string, stem: string, kind: string): string {
  const names = [`${stem}-${kind}`, `${stem}-${kind}.gz`, `${stem}.${kind}`, `${stem}.${kind}.gz`];
  const path = names.map((name) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new InputError('dataset', `${folder} has no ${names[0]}, with or without .gz`);
  return path;
}
