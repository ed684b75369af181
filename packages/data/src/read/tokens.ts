/** Ids above this need four bytes each. */
const largestVocabularyOfTwoBytes = 65_535;

/** 2 (little-endian uint16) or 4 (uint32) bytes for each id of a token file. */
export function bytesPerId(vocabularySize: number): 2 | 4 {
  return vocabularySize > largestVocabularyOfTwoBytes ? 4 : 2;
}

/** The ids of one split, read by position. */
export interface Tokens {
  /** Number of ids. */
  readonly length: number;
  /** Ids `start` to `start + count - 1`. @throws RangeError outside of them */
  read(start: number, count: number): Int32Array;
}

/** Ids in memory. */
export function tokensInMemory(ids: Uint16Array | Uint32Array): Tokens {
  const { length } = ids;
  return {
    length,
    read(start, count) {
      if (start < 0 || count < 0 || start + count > length) {
        throw new RangeError(`ids ${start} to ${start + count} are outside the ${length} in memory`);
      }
      return Int32Array.from(ids.subarray(start, start + count));
    },
  };
}
