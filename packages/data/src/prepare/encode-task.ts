import { type SplitName, splitNames } from '../manifest.ts';
import { bytesPerId } from '../read/token-file.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Segment } from './tasks.ts';

export type TokenIds = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
/** The ids that a task adds to the splits it has text of. */
export type EncodedTask = Partial<Record<SplitName, TokenIds>>;

export function encodeTask(segments: readonly Segment[], tokenizer: Tokenizer): EncodedTask {
  const Ids = bytesPerId(tokenizer.vocabularySize) === 2 ? Uint16Array : Uint32Array;
  const encoded: EncodedTask = {};
  for (const split of splitNames) {
    const parts = segments
      .filter((segment) => segment.split === split)
      .map(({ text, endsDocument }) => {
        const ids = tokenizer.encode(text);
        if (endsDocument) ids.push(tokenizer.endOfText);
        return ids;
      });
    if (parts.length === 0) continue;
    const ids = new Ids(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      ids.set(part, at);
      at += part.length;
    }
    encoded[split] = ids;
  }
  return encoded;
}
