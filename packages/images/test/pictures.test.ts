import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import {
  createPictureBatches,
  decodePicture,
  evaluationPictureBatches,
  normalizationOf,
  type Pictures,
  readIdx,
  readMnist,
  readPictureFolders,
  resizePicture,
} from '../src/index.ts';

/** An idx file of bytes. */
function idx(shape: number[], data: number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt8(8, 2);
  header.writeUInt8(shape.length, 3);
  for (const [index, length] of shape.entries()) header.writeUInt32BE(length, 4 + 4 * index);
  return Buffer.concat([header, Buffer.from(data)]);
}

/** Four pictures of 1 x 2, whose bytes say which is which. */
const pictures: Pictures = {
  ...{ height: 1, width: 2, channels: 1, classes: 4 },
  pixels: Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70),
  labels: Uint8Array.of(0, 1, 2, 3),
};
const asTheyAre = { mean: [0], deviation: [1 / 255] };

describe('idx files', () => {
  test('are read with their shape, plain and zipped, under the usual names', () => {
    const folder = temporaryFolder();
    for (const [part, count] of [
      ['train', 2],
      ['t10k', 1],
    ] as const) {
      const data = Array.from({ length: 4 * count }, (_, place) => place);
      writeFileSync(join(folder, `${part}-images-idx3-ubyte`), idx([count, 2, 2], data));
      writeFileSync(join(folder, `${part}-labels-idx1-ubyte.gz`), gzipSync(idx([count], Array(count).fill(9))));
    }
    const { train, test: held } = readMnist(folder);
    expect(train).toMatchObject({ height: 2, width: 2, channels: 1, classes: 10 });
    expect([...train.pixels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...train.labels]).toEqual([9, 9]);
    expect(held.labels).toHaveLength(1);
  });

  test.each([
    ['cut off', idx([2, 2], [1, 2, 3]), 'says 4 bytes of data and holds 3'],
    ['text', Buffer.from('hello'), 'does not begin as an idx file'],
    ['floats', Buffer.from([0, 0, 0x0d, 1, 0, 0, 0, 0]), 'its numbers are no bytes'],
    ['a damaged zip', Buffer.from([0x1f, 0x8b, 1, 2]), 'damaged gzip'],
  ])('%s: one line', (_, bytes, message) => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, bytes);
    expect(inputErrorOf(() => readIdx(path))).toContain(message);
  });
});

describe('decoders', () => {
  const [height, width] = [2, 3];
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, place) => (place * 29) % 256);

  test('a PNG comes back byte for byte, in color, with transparency and in grey', () => {
    const color = encodePng({ width, height, data: pixels, channels: 3 });
    expect([...decodePicture(color, 'a').pixels]).toEqual([...pixels]);
    const clear = Uint8Array.from({ length: height * width * 4 }, (_, place) =>
      place % 4 === 3 ? 128 : pixels[3 * Math.floor(place / 4) + (place % 4)]!,
    );
    expect([...decodePicture(encodePng({ width, height, data: clear, channels: 4 }), 'b').pixels]).toEqual([...pixels]);
    const grey = encodePng({ width: 2, height: 1, data: Uint8Array.of(7, 200), channels: 1 });
    expect([...decodePicture(grey, 'c').pixels]).toEqual([7, 7, 7, 200, 200, 200]);
  });

  test('a JPEG of one color comes back nearly so', () => {
    const data = Buffer.from(Array.from({ length: 64 }, () => [200, 100, 50, 255]).flat());
    const found = decodePicture(encodeJpeg({ width: 8, height: 8, data }, 95).data, 'a');
    expect(found).toMatchObject({ height: 8, width: 8 });
    for (const [place, value] of found.pixels.entries())
      expect(Math.abs(value - [200, 100, 50][place % 3]!)).toBeLessThan(4);
  });

  test('what is no picture, or is damaged, is refused in one line', () => {
    const color = encodePng({ width, height, data: pixels, channels: 3 });
    for (const bytes of [Buffer.from('GIF89a'), color.subarray(0, 40)]) {
      expect(inputErrorOf(() => decodePicture(bytes, 'file.png'))).toMatch(/^file\.png /);
    }
  });

  test('a smaller size takes means, a larger one repeats', () => {
    const picture = { height: 1, width: 4, pixels: Uint8Array.of(0, 0, 0, 10, 10, 10, 20, 20, 20, 50, 50, 50) };
    expect([...resizePicture(picture, 1, 2).pixels]).toEqual([5, 5, 5, 35, 35, 35]);
    expect([...resizePicture({ ...picture, width: 2, pixels: picture.pixels.subarray(0, 6) }, 1, 4).pixels]).toEqual([
      ...[0, 0, 0, 0, 0, 0, 10, 10, 10, 10, 10, 10],
    ]);
  });
});

test('folders of pictures: one class each, in the order of their names, at one size', () => {
  const folder = temporaryFolder();
  for (const [name, value] of [
    ['b', 9],
    ['a', 3],
  ] as const) {
    mkdirSync(join(folder, name));
    const data = new Uint8Array(4 * 4 * 3).fill(value);
    writeFileSync(join(folder, name, '1.png'), encodePng({ width: 4, height: 4, data, channels: 3 }));
  }
  const found = readPictureFolders(folder, { height: 2, width: 2 });
  expect(found).toMatchObject({ height: 2, width: 2, channels: 3, classes: 2 });
  expect([...found.labels]).toEqual([0, 1]);
  expect([found.pixels[0], found.pixels[12]]).toEqual([3, 9]);
});

describe('batches', () => {
  test('normalize by the mean and deviation of each channel', () => {
    const colored = { ...pictures, channels: 2, width: 1, labels: Uint8Array.of(0, 1, 2, 3) };
    const normalization = normalizationOf(colored);
    expect(normalization.mean[0]).toBeCloseTo(30 / 255, 10);
    expect(normalization.deviation[1]).toBeCloseTo(Math.sqrt(500) / 255, 10);
    const [batch] = evaluationPictureBatches(colored, normalization, 4);
    const first = batch!.pixels.filter((_, place) => place % 2 === 0);
    expect(first.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
    expect(first.reduce((sum, value) => sum + value * value, 0) / 4).toBeCloseTo(1, 5);
  });

  test('see every picture once an epoch, in an order of the seed, whatever was asked before', () => {
    const batchesOf = (seed: number) =>
      createPictureBatches({ pictures, normalization: asTheyAre, batchSize: 2, seed });
    const batch = batchesOf(3);
    const epoch = (from: number) => [from, from + 1].flatMap((index) => [...batch(index).labels]);
    const [first, second] = [epoch(0), epoch(2)];
    for (const labels of [first, second]) expect([...labels].sort()).toEqual([0, 1, 2, 3]);
    expect(epoch(0)).toEqual(first);
    expect([...batchesOf(3)(3).pixels]).toEqual([...batch(3).pixels]);
    const orders = new Set(
      [0, 1, 2, 3, 4, 5].map((seed) => [0, 1].flatMap((index) => [...batchesOf(seed)(index).labels]).join()),
    );
    expect(orders.size).toBeGreaterThan(1);
  });

  test('shift and mirror: what comes in is the mean, the same index gives the same', () => {
    const picture: Pictures = {
      ...pictures,
      width: 8,
      labels: Uint8Array.of(0),
      pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    };
    const options = { pictures: picture, normalization: { mean: [0], deviation: [1 / 255] }, batchSize: 1, seed: 1 };
    const batch = createPictureBatches({ ...options, augmentation: { shift: 1, flip: true } });
    const rows = Array.from({ length: 400 }, (_, index) => Array.from(batch(index).pixels, Math.round).join());
    const forward = ['1,2,3,4,5,6,7,8', '0,1,2,3,4,5,6,7', '2,3,4,5,6,7,8,0'];
    const mirrored = ['8,7,6,5,4,3,2,1', '0,8,7,6,5,4,3,2', '7,6,5,4,3,2,1,0', '0,0,0,0,0,0,0,0'];
    expect(new Set(rows)).toEqual(new Set([...forward, ...mirrored]));
    expect(Array.from(batch(17).pixels, Math.round).join()).toBe(rows[17]);
  });
});
