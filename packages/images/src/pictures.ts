/** Labelled pictures of one size, as bytes. */
export interface Pictures {
  readonly height: number;
  readonly width: number;
  /** 1 for grey ones, 3 for red, green and blue. */
  readonly channels: number;
  /** [count, height, width, channels] from 0 to 255. */
  readonly pixels: Uint8Array;
  /** [count] classes from 0. */
  readonly labels: Uint8Array;
  readonly classes: number;
}

export function pictureCount({ labels }: Pictures): number {
  return labels.length;
}

/** The pictures at these places, in this order. */
export function selectPictures(pictures: Pictures, places: readonly number[]): Pictures {
  const { height, width, channels } = pictures;
  const size = height * width * channels;
  const pixels = new Uint8Array(places.length * size);
  for (const [row, place] of places.entries()) {
    pixels.set(pictures.pixels.subarray(place * size, (place + 1) * size), row * size);
  }
  return { ...pictures, pixels, labels: Uint8Array.from(places, (place) => pictures.labels[place]!) };
}

/** Mean and standard deviation of each channel, of values from 0 to 1. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** The normalization that gives the pixels of these pictures, those of the training split, mean 0 and deviation 1. */
export function normalizationOf({ pixels, channels }: Pictures): Normalization {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let at = 0; at < pixels.length; at += 1) {
    const value = pixels[at]! / 255;
    sums[at % channels]! += value;
    squares[at % channels]! += value * value;
  }
  const count = Math.max(1, pixels.length / channels);
  const mean = Array.from(sums, (sum) => sum / count);
  // A channel that never changes is left as it is.
  const deviation = mean.map((value, channel) => Math.sqrt(squares[channel]! / count - value * value) || 1);
  return { mean, deviation };
}
