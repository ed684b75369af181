import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, systemErrorCode } from '@dynact/files';
import { decodePicture, resizePicture } from './decode.ts';
import { readBytes } from './idx.ts';
import type { Pictures } from './pictures.ts';

/**
 * Pictures that lie in one folder a class, brought to one size; classes and pictures in the order of their names.
 * @throws InputError when there are no such folders, or a picture cannot be decoded
 */
export function readPictureFolders(folder: string, { height, width }: { height: number; width: number }): Pictures {
  const classes = entries(folder).filter((entry) => entry.isDirectory());
  if (classes.length === 0) throw new InputError('dataset', `${folder} has no folders; give one folder a class`);
  if (classes.length > 256) throw new InputError('dataset', `${folder} has more than 256 folders, one a class`);
  const found = classes.flatMap(({ name }, label) =>
    entries(join(folder, name))
      .filter((entry) => entry.isFile() && /\.(jpe?g|png)$/i.test(entry.name))
      .map((entry) => ({ path: join(folder, name, entry.name), label })),
  );
  if (found.length === 0) throw new InputError('dataset', `${folder}: its folders hold no .jpg and no .png`);
  const size = height * width * 3;
  const pixels = new Uint8Array(found.length * size);
  for (const [index, { path }] of found.entries()) {
    pixels.set(resizePicture(decodePicture(readBytes(path), path), height, width).pixels, index * size);
  }
  const labels = Uint8Array.from(found, ({ label }) => label);
  return { height, width, channels: 3, pixels, labels, classes: classes.length };
}

function entries(folder: string) {
  try {
    const found = readdirSync(folder, { withFileTypes: true });
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    throw new InputError('dataset', `${folder} cannot be read (${systemErrorCode(error)}); name a folder of folders`);
  }
}
