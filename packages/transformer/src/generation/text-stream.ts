/** The decoding of a character that is not complete yet. */
const replacement = '\ufffd';

/**
 * Turns tokens into text as they come: a character is given out when all its bytes are there, and nothing that could
 * still become a stop string is.
 */
export class TextStream {
  readonly #decode: (tokens: readonly number[]) => string;
  readonly #stopStrings: readonly string[];
  readonly #tokens: number[] = [];
  #text = '';
  #given = 0;
  #stopped = false;

  /** @param stopStrings end the text; they are not part of it */
  constructor(decode: (tokens: readonly number[]) => string, stopStrings: readonly string[] = []) {
    this.#decode = decode;
    this.#stopStrings = stopStrings.filter((stop) => stop !== '');
  }

  /** Whether a stop string has come. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** @returns the text that this token completes */
  push(token: number): string {
    if (this.#stopped) return '';
    this.#tokens.push(token);
    this.#text = this.#decode(this.#tokens);
    const stops = this.#stopStrings.map((stop) => this.#text.indexOf(stop)).filter((index) => index >= 0);
    if (stops.length > 0) {
      this.#stopped = true;
      return this.#giveUpTo(Math.min(...stops));
    }
    const end = this.#completeLength();
    return this.#giveUpTo(end - this.#possibleStop(end));
  }

  /** The rest, when no more tokens come, without a last character whose bytes are not all there. */
  end(): string {
    return this.#stopped ? '' : this.#giveUpTo(this.#completeLength());
  }

  #completeLength(): number {
    let end = this.#text.length;
    while (end > this.#given && this.#text[end - 1] === replacement) end--;
    return end;
  }

  #giveUpTo(end: number): string {
    const piece = this.#text.slice(this.#given, end);
    this.#given = Math.max(this.#given, end);
    return piece;
  }

  /** The length of the longest end of the text before `end` that a stop string begins with. */
  #possibleStop(end: number): number {
    const text = this.#text.slice(this.#given, end);
    const longest = Math.max(0, ...this.#stopStrings.map(({ length }) => length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      if (this.#stopStrings.some((stop) => stop.startsWith(text.slice(-length)))) return length;
    }
    return 0;
  }
}
