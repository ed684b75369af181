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

/** Draws only tokens that keep one text valid UTF-8. */
export class Utf8Filter {
  readonly #tokenBytes: (token: number) => Uint8Array;
  readonly #endOfText: number | undefined;
  #state = characterBoundary;

  constructor(tokenBytes: (token: number) => Uint8Array, endOfText?: number) {
    this.#tokenBytes = tokenBytes;
    this.#endOfText = endOfText;
  }

  /** The logits with those of impossible tokens at minus infinity. */
  apply(logits: Float32Array): Float32Array {
    return logits.map((logit, token) => (this.#allows(token) ? logit : Number.NEGATIVE_INFINITY));
  }

  /** Takes note of a token that was drawn. */
  push(token: number): void {
    this.#state = afterBytes(this.#state, this.#tokenBytes(token)) ?? characterBoundary;
  }

  #allows(token: number): boolean {
    // A text does not end inside a character.
    if (token === this.#endOfText) return this.#state.missing === 0;
    return afterBytes(this.#state, this.#tokenBytes(token)) !== undefined;
  }
}
