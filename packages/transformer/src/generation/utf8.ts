/** Where a UTF-8 text stands between two bytes: how many more its last character needs, and which the next may be. */
export interface Utf8State {
  readonly missing: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Between two characters. */
export const characterBoundary: Utf8State = { missing: 0, lowest: 0x80, highest: 0xbf };

/**
 * The state after some more bytes, or undefined where they cannot follow (Unicode 15, table 3-7: no overlong forms, no
 * surrogates, nothing beyond U+10FFFF).
 */
export function afterBytes(state: Utf8State, bytes: Uint8Array): Utf8State | undefined {
  let current = state;
  for (const byte of bytes) {
    const next = current.missing === 0 ? afterFirst(byte) : afterContinuation(current, byte);
    if (next === undefined) return undefined;
    current = next;
  }
  return current;
}

function afterContinuation({ missing, lowest, highest }: Utf8State, byte: number): Utf8State | undefined {
  return byte >= lowest && byte <= highest ? { ...characterBoundary, missing: missing - 1 } : undefined;
}

function afterFirst(byte: number): Utf8State | undefined {
  if (byte < 0x80) return characterBoundary;
  if (byte < 0xc2 || byte > 0xf4) return undefined;
  const missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  const lowest = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
  const highest = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
  return { missing, lowest, highest };
}

/**
 * Which tokens can follow in a UTF-8 text. Texts stand in one of eight states between two bytes, so what cannot follow is
 * found once for each and not for each token: the whole vocabulary is not looked through again.
 */
export class Utf8Vocabulary {
  readonly tokenBytes: (token: number) => Uint8Array;
  readonly #size: number;
  readonly #endOfText: number | undefined;
  readonly #impossible = new Map<string, Uint32Array>();

  /** @param size ids of the vocabulary @param endOfText cannot follow inside a character */
  constructor(size: number, tokenBytes: (token: number) => Uint8Array, endOfText?: number) {
    this.tokenBytes = tokenBytes;
    this.#size = size;
    this.#endOfText = endOfText;
  }

  /** The tokens that would make the text invalid, ascending. */
  impossibleAfter(state: Utf8State): Uint32Array {
    const key = `${state.missing} ${state.lowest} ${state.highest}`;
    let impossible = this.#impossible.get(key);
    if (impossible === undefined) {
      const tokens = Array.from({ length: this.#size }, (_, token) => token);
      impossible = Uint32Array.from(tokens.filter((token) => !this.#allows(state, token)));
      this.#impossible.set(key, impossible);
    }
    return impossible;
  }

  #allows(state: Utf8State, token: number): boolean {
    if (token === this.#endOfText) return state.missing === 0;
    return afterBytes(state, this.tokenBytes(token)) !== undefined;
  }
}

/** Follows one text, so that only tokens which keep it valid UTF-8 are drawn. */
export class Utf8Filter {
  readonly #vocabulary: Utf8Vocabulary;
  #state = characterBoundary;

  constructor(vocabulary: Utf8Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** The logits with those of impossible tokens at minus infinity. */
  apply(logits: Float32Array): Float32Array {
    const possible = logits.slice();
    for (const token of this.#vocabulary.impossibleAfter(this.#state)) possible[token] = Number.NEGATIVE_INFINITY;
    return possible;
  }

  /** Takes note of a token that was drawn. */
  push(token: number): void {
    this.#state = afterBytes(this.#state, this.#vocabulary.tokenBytes(token)) ?? characterBoundary;
  }
}
