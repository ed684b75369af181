import { InputError } from '@dynact/files';
import { uniformStream } from '@dynact/nn';
import { createEpochOrder } from './epoch-order.ts';
import { type Normalization, type Pictures, pictureCount } from './pictures.ts';

export interface PictureBatch {
  /** [batch, height, width, channels], normalized. */
  readonly pixels: Float32Array;
  /** [batch] classes. */
  readonly labels: Int32Array;
}

/** Changes that leave a picture's class as it is. */
export interface Augmentation {
  /** Pixels by which a picture is moved at most, each way; what comes in is the mean color. */
  readonly shift: number;
  /** Whether every second picture is mirrored. */
  readonly flip: boolean;
}

export interface PictureBatchOptions {
  readonly pictures: Pictures;
  readonly normalization: Normalization;
  readonly batchSize: number;
  /** A whole number: another order, and other augmentations. */
  readonly seed: number;
  readonly augmentation?: Augmentation;
}

/**
 * Batches of training, each a pure function of (seed, index).
 * @throws InputError when there is no picture
 */
export function createPictureBatches(options: PictureBatchOptions): (index: number) => PictureBatch {
  const { pictures, normalization, batchSize, seed, augmentation } = options;
  const count = pictureCount(pictures);
  if (count === 0) throw new InputError('dataset', 'there is no picture to train on');
  const order = createEpochOrder(count, seed);
  return (index) => {
    const uniform = augmentation === undefined ? undefined : uniformStream(seed, `augmentation of batch ${index}`);
    const rows = Array.from({ length: batchSize }, (_, row): Row => {
      const place = order(index * batchSize + row);
      if (augmentation === undefined || uniform === undefined) return { place, down: 0, right: 0, flip: false };
      const moved = () => Math.floor(uniform() * (2 * augmentation.shift + 1)) - augmentation.shift;
      const [down, right] = [moved(), moved()];
      // Drawn also where it is not used, so that one setting does not change the other.
      const mirrored = uniform() < 0.5;
      return { place, down, right, flip: augmentation.flip && mirrored };
    });
    return makeBatch(pictures, normalization, rows);
  };
}

/** All pictures in their order, without changes; the last batch may be smaller. */
export function evaluationPictureBatches(
  pictures: Pictures,
  normalization: Normalization,
  batchSize: number,
): PictureBatch[] {
  const count = pictureCount(pictures);
  return Array.from({ length: Math.ceil(count / batchSize) }, (_, batch) => {
    const first = batch * batchSize;
    const rows = Array.from({ length: Math.min(batchSize, count - first) }, (_, row) => ({
      ...{ place: first + row, down: 0, right: 0, flip: false },
    }));
    return makeBatch(pictures, normalization, rows);
  });
}

interface Row {
  readonly place: number;
  readonly down: number;
  readonly right: number;
  readonly flip: boolean;
}

function makeBatch(pictures: Pictures, { mean, deviation }: Normalization, rows: readonly Row[]): PictureBatch {
  const { height, width, channels, pixels: source } = pictures;
  const size = height * width * channels;
  const pixels = new Float32Array(rows.length * size);
  for (const [row, { place, down, right, flip }] of rows.entries()) {
    for (let y = Math.max(0, down); y < Math.min(height, height + down); y += 1) {
      for (let x = Math.max(0, right); x < Math.min(width, width + right); x += 1) {
        const column = x - right;
        const from = place * size + ((y - down) * width + (flip ? width - 1 - column : column)) * channels;
        const to = row * size + (y * width + x) * channels;
        for (let channel = 0; channel < channels; channel += 1) {
          pixels[to + channel] = (source[from + channel]! / 255 - mean[channel]!) / deviation[channel]!;
        }
      }
    }
  }
  return { pixels, labels: Int32Array.from(rows, ({ place }) => pictures.labels[place]!) };
}
