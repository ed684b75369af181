import { sha256 } from '@noble/hashes/sha2.js';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of uniform numbers in [0, 1). */
export type UniformStream = () => number;

/**
 * The random stream of one purpose. Streams of other names or seeds are independent of it, so a variant that adds a
 * parameter leaves the initial values of every other parameter as they were.
 */
export function uniformStream(seed: number, name: string): UniformStream {
  const digest = new DataView(sha256(new TextEncoder().encode(`${seed}/${name}`)).buffer);
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.getInt32(offset, true)));
  return () => uniformFloat64(generator);
}

/** `count` draws of N(0, standardDeviation^2), by the Box-Muller transform. */
export function normalValues(uniform: UniformStream, count: number, standardDeviation: number): Float32Array {
  const values = new Float32Array(count);
  for (let index = 0; index < count; index += 2) {
    // 1 - u lies in (0, 1], where the logarithm is finite.
    const radius = standardDeviation * Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    values[index] = radius * Math.cos(angle);
    if (index + 1 < count) values[index + 1] = radius * Math.sin(angle);
  }
  return values;
}
