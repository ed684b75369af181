import { type SplitName, splitNames } from '../manifest.ts';
import { bytesPerId } from '../read/tokens.ts';
import type { CorpusTokenizer } from '../tokenizer/byte-pair-tokenizer.ts';
import { IdBuffer } from '../tokenizer/id-buffer.ts';
import type { Segment } from './tasks.ts';

export type TokenIds = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
/** The ids that a task adds to the splits it has text of. */
export type EncodedTask = Partial<Record<SplitName, TokenIds>>;

const buffer = new IdBuffer(128 * 1024);

export function encodeTask(segments: readonly Segment[], tokenizer: CorpusTokenizer): EncodedTask {
  const Ids = bytesPerId(tokenizer.vocabularySize) === 2 ? Uint16Array : Uint32Array;
  const encoded: EncodedTask = {};
  for (const split of splitNames) {
    buffer.clear();
    for (const segment of segments) {
      if (segment.split !== split) continue;
      tokenizer.encodeInto(segment.text, buffer);
      if (segment.endsDocument) buffer.push(tokenizer.endOfText);
    }
    const ids = buffer.view();
    if (ids.length > 0) encoded[split] = new Ids(ids);
  }
  return encoded;
}
