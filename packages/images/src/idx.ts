import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InputError, systemErrorCode } from '@dynact/files';
import type { Pictures } from './pictures.ts';

/** An array of bytes as the MNIST files hold it. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const unsignedBytes = 0x08;

/**
 * Reads an idx file of bytes, also a gzip of one: two zero bytes, the type, the number of dimensions, each dimension as a
 * big-endian int32, the data (LeCun, http://yann.lecun.com/exdb/mnist).
 * @throws InputError when the file is missing or is no such array
 */
export function readIdx(path: string): IdxArray {
  const bytes = unzipped(readBytes(path), path);
  const wrong = (problem: string) =>
    new InputError('dataset', `${path}: ${problem}; give an idx file of bytes, as MNIST has them`);
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0) throw wrong('it does not begin as an idx file');
  if (bytes[2] !== unsignedBytes) throw wrong('its numbers are no bytes');
  const dimensions = bytes[3]!;
  const start = 4 + 4 * dimensions;
  if (bytes.length < start) throw wrong('it ends in its header');
  const shape = Array.from({ length: dimensions }, (_, index) => bytes.readUInt32BE(4 + 4 * index));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== start + size) throw wrong(`it says ${size} bytes of data and holds ${bytes.length - start}`);
  return { shape, data: bytes.subarray(start) };
}

/**
 * Pictures of two idx files: [count, height, width] and [count].
 * @throws InputError when a file is not such an array, or the counts differ
 */
export function readIdxPictures(images: string, labels: string, classes: number): Pictures {
  const pictures = readIdx(images);
  const marks = readIdx(labels);
  const [count, height, width] = pictures.shape;
  if (pictures.shape.length !== 3 || count === undefined || height === undefined || width === undefined) {
    throw new InputError('dataset', `${images}: expected [count, height, width], found [${pictures.shape}]`);
  }
  if (marks.shape.length !== 1 || marks.shape[0] !== count) {
    throw new InputError('dataset', `${labels}: expected ${count} labels, found [${marks.shape}]`);
  }
  const beyond = marks.data.find((label) => label >= classes);
  if (beyond !== undefined) throw new InputError('dataset', `${labels}: label ${beyond} is none of ${classes} classes`);
  return { height, width, channels: 1, pixels: pictures.data, labels: marks.data, classes };
}

function unzipped(bytes: Buffer, path: string): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    throw new InputError('dataset', `${path} is a damaged gzip file; get it again`);
  }
}

/** @throws InputError when the file cannot be read */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    throw new InputError('dataset', `${path} cannot be read (${systemErrorCode(error)}); name the folder that has it`);
  }
}
