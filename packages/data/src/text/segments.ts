/**
 * Cuts long text where the tokenizer would cut it anyway, so that the parts can be encoded apart (in other threads,
 * in bounded memory) and give the ids of the whole.
 */

/**
 * Characters of a segment. V8 keeps longer strings apart and is slow to give their memory back: with 128 Ki the
 * threads' memory was twice as large.
 */
export const segmentLength = 32 * 1024;

/**
 * Places where each of the three encodings begins a new piece, whatever stands around them: after a visible ASCII
 * character before a space; after a letter before anything but a letter, a mark, or an apostrophe (of "it's").
 */
const safeCut = /[!-~](?= )|\p{L}(?=[^\p{L}\p{M}'])/u;
/** How far back from the segment's end a place is looked for. */
const searchLength = 1024;

/**
 * The length of the first segment of `text`, or 0 when more text is needed to tell. Depends on the text alone, not on
 * how much of it is there already.
 */
export function firstSegmentLength(text: string): number {
  // The character behind the cut must be known too (two units, if it is outside the basic plane).
  if (text.length < segmentLength + 2) return 0;
  for (let end = segmentLength; end > 0; end -= searchLength) {
    const cut = lastSafeCut(text, Math.max(0, end - searchLength), end);
    if (cut > 0) return cut;
  }
  // No such place in the whole segment: cut between two characters.
  return isLowSurrogate(text, segmentLength) ? segmentLength - 1 : segmentLength;
}

/** The last place to cut in start .. end; 0 if there is none. */
function lastSafeCut(text: string, start: number, end: number): number {
  for (let at = end; at > start; at--) {
    const from = isLowSurrogate(text, at - 1) ? at - 2 : at - 1;
    if (from < 0 || isLowSurrogate(text, at)) continue;
    const behind = String.fromCodePoint(text.codePointAt(at)!);
    if (safeCut.test(text.slice(from, at) + behind)) return at;
  }
  return 0;
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
