/** Lengths are kept in a byte. */
const longestPiece = 255;

/**
 * Values of pieces of text, looked up where the pieces stand: an open-addressing hash table over character codes. A Map
 * needs a string for each piece, and hashing those took half of the time of encoding.
 */
export class PieceTable {
  readonly #mask: number;
  readonly #values: Int32Array;
  readonly #hashes: Int32Array;
  readonly #lengths: Uint8Array;
  /** Where a piece's character codes stand in `#codes`. */
  readonly #starts: Int32Array;
  #codes = new Uint16Array(1024 * 1024);
  #codesLength = 0;

  /** @param capacity pieces that will be kept at most */
  constructor(capacity: number) {
    // At most half of the places are taken, so that searches stay short.
    const places = 2 ** Math.ceil(Math.log2(2 * capacity));
    this.#mask = places - 1;
    this.#values = new Int32Array(places).fill(-1);
    this.#hashes = new Int32Array(places);
    this.#lengths = new Uint8Array(places);
    this.#starts = new Int32Array(places);
  }

  /** Keeps a piece that is not there yet, unless it is too long. @param value 0 or more */
  add(piece: string, value: number): void {
    if (piece.length > longestPiece) return;
    const hash = hashOf(piece, 0, piece.length);
    let place = hash & this.#mask;
    while (this.#values[place] !== -1) place = (place + 1) & this.#mask;
    this.#values[place] = value;
    this.#hashes[place] = hash;
    this.#lengths[place] = piece.length;
    this.#starts[place] = this.#codesLength;
    if (this.#codesLength + piece.length > this.#codes.length) {
      const larger = new Uint16Array(2 * this.#codes.length);
      larger.set(this.#codes);
      this.#codes = larger;
    }
    for (let i = 0; i < piece.length; i++) this.#codes[this.#codesLength++] = piece.charCodeAt(i);
  }

  /** The value of the piece of `text` from `start` to before `end`, or -1. */
  find(text: string, start: number, end: number): number {
    if (end - start > longestPiece) return -1;
    const hash = hashOf(text, start, end);
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const value = this.#values[place]!;
      if (value === -1) return -1;
      if (this.#hashes[place] === hash && this.#equals(place, text, start, end)) return value;
    }
  }

  clear(): void {
    this.#values.fill(-1);
    this.#codesLength = 0;
  }

  #equals(place: number, text: string, start: number, end: number): boolean {
    if (this.#lengths[place] !== end - start) return false;
    for (let i = start, code = this.#starts[place]!; i < end; i++, code++) {
      if (this.#codes[code] !== text.charCodeAt(i)) return false;
    }
    return true;
  }
}

/** FNV-1a over character codes (Fowler, Noll, Vo), its high bits folded in. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}
