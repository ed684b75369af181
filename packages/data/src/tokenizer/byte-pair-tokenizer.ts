import { mergeBytePairs } from './byte-pair-merge.ts';
import type { EncodingName } from './encodings.ts';
import { IdBuffer } from './id-buffer.ts';
import { PieceTable } from './piece-table.ts';
import { createSplitter } from './split-pieces.ts';

/** Enough to make the same tokenizer again, so a run keeps this. */
export interface TokenizerDescription {
  readonly encoding: EncodingName;
  /** Number of ids, the end of text included: 257 to the encoding's full size. */
  readonly vocabularySize: number;
}

/** Text to ids and back: an encoding of gpt-tokenizer, cut to its first merges. Lossless, without an unknown token. */
export interface Tokenizer extends TokenizerDescription {
  /** The id that ends a document: the last one, `vocabularySize - 1`. No text encodes to it. */
  readonly endOfText: number;
  /**
   * Special tokens written in the text are ordinary text. A surrogate without its partner cannot be written as UTF-8
   * and is encoded as U+FFFD, the replacement character.
   */
  encode(text: string): number[];
  /**
   * Bytes that are not UTF-8 (half a character at either end, say) become U+FFFD; the end of text becomes
   * `<|endoftext|>`; an id that the encoding leaves unused becomes nothing.
   * @throws RangeError for a number that is not an id
   */
  decode(ids: ArrayLike<number>): string;
  /** Number of UTF-8 bytes of text the id stands for; 0 for the end of text. @throws RangeError as `decode` */
  byteLength(id: number): number;
  /** The UTF-8 bytes of text the id stands for; none for the end of text. @throws RangeError as `decode` */
  tokenBytes(id: number): Uint8Array;
}

/** A tokenizer for whole corpora: it leaves no array behind for each text. */
export interface CorpusTokenizer extends Tokenizer {
  /** Appends the ids of a text. */
  encodeInto(text: string, ids: IdBuffer): void;
}

const endOfTextMark = '<|endoftext|>';

/** So many merged pieces are remembered; then memory is emptied, so that it stays bounded. */
const rememberedPieces = 100_000;
/** Longer pieces are seldom seen twice. */
const longestRememberedPiece = 64;
/** Values of the piece table from here on are places of merged pieces; ids are smaller. */
const firstMerged = 2 ** 20;

/** A tokenizer of known tokens. */
export class BytePairTokenizer implements CorpusTokenizer {
  readonly encoding: EncodingName;
  readonly vocabularySize: number;
  readonly endOfText: number;
  /** The bytes of each id, one byte per character; empty for the end of text and for ids that stand for nothing. */
  readonly #bytesOfId: string[];
  readonly #idOfBytes = new Map<string, number>();
  /** The tokens that are whole text: most pieces are one. */
  readonly #texts: readonly (string | readonly number[])[];
  readonly #pieceEnd: (text: string, start: number) => number;
  /** The id of a piece, or `firstMerged` + the place of its ids in `#mergedPieces`. */
  readonly #pieces: PieceTable;
  #mergedPieces: number[][] = [];

  /** @param tokens the bytes (as a list, or as the text they encode) of each rank, the end of text left out */
  constructor(
    { encoding, vocabularySize }: TokenizerDescription,
    endOfText: number,
    tokens: readonly (string | readonly number[])[],
    splitPattern: RegExp,
  ) {
    this.encoding = encoding;
    this.vocabularySize = vocabularySize;
    this.endOfText = endOfText;
    this.#pieceEnd = createSplitter(splitPattern);
    this.#bytesOfId = new Array<string>(vocabularySize).fill('');
    tokens.forEach((token, id) => {
      const bytes = typeof token === 'string' ? utf8(token) : String.fromCharCode(...token);
      this.#bytesOfId[id] = bytes;
      // gpt-tokenizer finds a token that begins with a byte order mark only as a whole piece, never by merging;
      // ids must be equal to its own.
      if (!bytes.startsWith('\u00ef\u00bb\u00bf')) this.#idOfBytes.set(bytes, id);
    });
    this.#texts = tokens;
    this.#pieces = new PieceTable(tokens.length + rememberedPieces);
    this.#addTexts();
  }

  encode(text: string): number[] {
    const ids = new IdBuffer(text.length / 2);
    this.encodeInto(text, ids);
    return Array.from(ids.view());
  }

  encodeInto(text: string, ids: IdBuffer): void {
    for (let start = 0; start < text.length; ) {
      const end = this.#pieceEnd(text, start);
      const known = this.#pieces.find(text, start, end);
      if (known >= 0 && known < firstMerged) {
        ids.push(known);
      } else {
        const merged = known < 0 ? this.#merge(text.slice(start, end)) : this.#mergedPieces[known - firstMerged]!;
        for (let i = 0; i < merged.length; i++) ids.push(merged[i]!);
      }
      start = end;
    }
  }

  decode(ids: ArrayLike<number>): string {
    let text = '';
    let bytes = '';
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (id === this.endOfText) {
        text += fromUtf8(bytes) + endOfTextMark;
        bytes = '';
      } else {
        bytes += this.#bytes(id);
      }
    }
    return text + fromUtf8(bytes);
  }

  byteLength(id: number): number {
    return this.#bytes(id).length;
  }

  tokenBytes(id: number): Uint8Array {
    return asBytes(this.#bytes(id));
  }

  #bytes(id: number): string {
    const bytes = this.#bytesOfId[id];
    if (bytes === undefined) {
      throw new RangeError(`${id} is not a token id: ids are whole numbers from 0 to ${this.vocabularySize - 1}`);
    }
    return bytes;
  }

  #merge(piece: string): number[] {
    const ids = mergeBytePairs(utf8(piece), { idOfBytes: this.#idOfBytes });
    if (piece.length <= longestRememberedPiece) {
      if (this.#mergedPieces.length >= rememberedPieces) {
        this.#mergedPieces = [];
        this.#pieces.clear();
        this.#addTexts();
      }
      this.#pieces.add(piece, firstMerged + this.#mergedPieces.length);
      this.#mergedPieces.push(ids);
    }
    return ids;
  }

  #addTexts(): void {
    this.#texts.forEach((token, id) => {
      if (typeof token === 'string') this.#pieces.add(token, id);
    });
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** Arguments of one call: some engines take no more than 64 thousand. */
const longestCall = 8192;

/** UTF-8 bytes, one byte per character. */
function utf8(text: string): string {
  const bytes = encoder.encode(text);
  if (bytes.length === text.length) return text;
  let characters = '';
  for (let at = 0; at < bytes.length; at += longestCall) {
    characters += String.fromCharCode(...bytes.subarray(at, at + longestCall));
  }
  return characters;
}

function fromUtf8(bytes: string): string {
  return decoder.decode(asBytes(bytes));
}

function asBytes(characters: string): Uint8Array {
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
