import { sha256 } from '@noble/hashes/sha2.js';

/** Feistel rounds: three already mix; six leave no visible structure (see the test of neighbors). */
const rounds = 6;

/**
 * A seeded permutation of 0 .. size - 1 that is computed, not stored: a Feistel network over the smallest square that
 * holds the range, walked until it falls inside the range (Black and Rogaway, "Ciphers with arbitrary finite domains").
 * @param size a whole number from 1 to 2^40
 * @param key any text; equal keys give equal permutations on every machine
 */
export function createPermutation(size: number, key: string): (index: number) => number {
  const side = Math.ceil(Math.sqrt(size));
  const digest = new DataView(sha256(new TextEncoder().encode(key)).buffer);
  const roundKeys = Array.from({ length: rounds }, (_, round) => digest.getUint32(4 * round, true));
  return (index) => {
    let at = index;
    do {
      let left = Math.floor(at / side);
      let right = at % side;
      for (const roundKey of roundKeys) {
        const mixed = (left + mix(right ^ roundKey)) % side;
        left = right;
        right = mixed;
      }
      at = left * side + right;
    } while (at >= size);
    return at;
  };
}

/** The finalizer of MurmurHash3 (public domain, Austin Appleby): every input bit reaches every output bit. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
