/**
 * Cuts text into the pieces that an encoding's pattern makes. Plain English words and the punctuation between them are
 * recognized by character codes, which is several times quicker; everything else is left to the pattern.
 *
 * A shortcut must be what each of the three patterns takes: an optional space, an optional capital, small letters, when
 * no letter, apostrophe (of "it's") or character beyond ASCII follows; and an optional space and one mark of `,.;:!?`
 * when a space follows.
 *
 * @returns where the piece that begins at `start` ends; `start` is where a piece ended, and not the text's end
 */
export function createSplitter(pattern: RegExp): (text: string, start: number) => number {
  // The patterns take every character, so their matches follow each other without gaps.
  const sticky = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}y`);
  return (text, start) => {
    const end = shortcut(text, start);
    if (end > start) return end;
    sticky.lastIndex = start;
    sticky.test(text);
    return sticky.lastIndex;
  };
}

const space = 0x20;

/** Where the piece that begins at `start` ends, or `start` when only the pattern can tell. */
function shortcut(text: string, start: number): number {
  let at = start;
  let code = text.charCodeAt(at);
  if (code === space) code = text.charCodeAt(++at);
  if (isMark(code)) {
    return text.charCodeAt(at + 1) === space ? at + 1 : start;
  }
  if (isCapital(code)) code = text.charCodeAt(++at);
  const word = at;
  while (isSmall(code)) code = text.charCodeAt(++at);
  // At the text's end the code is not a number, and every comparison is false.
  return at > word && !(code >= 0x80 || code === 0x27 || isCapital(code)) ? at : start;
}

function isSmall(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

/** One of `,.;:!?` */
function isMark(code: number): boolean {
  return code === 0x2c || code === 0x2e || code === 0x3b || code === 0x3a || code === 0x21 || code === 0x3f;
}
