import {
  BytePairTokenizer,
  type CorpusTokenizer,
  type Tokenizer,
  type TokenizerDescription,
} from './byte-pair-tokenizer.ts';
import { findEncoding } from './encodings.ts';

/**
 * Keeps the first `vocabularySize - 1` byte-pair ranks of the encoding and the end of text. At full size the ids are
 * gpt-tokenizer's (and GPT-2's for r50k_base at 50 257).
 * @throws InputError for an unknown encoding or a size outside 257 to the full size
 */
export function createTokenizer(description: TokenizerDescription): Promise<Tokenizer> {
  return createCorpusTokenizer(description);
}

/** As `createTokenizer`. */
export async function createCorpusTokenizer({
  encoding,
  vocabularySize,
}: TokenizerDescription): Promise<CorpusTokenizer> {
  const { splitPattern, fullVocabularySize, fullEndOfText, loadRanks } = findEncoding(encoding, vocabularySize);
  const ranks = await loadRanks();
  const endOfText = vocabularySize === fullVocabularySize ? fullEndOfText : vocabularySize - 1;
  const tokens = ranks.slice(0, endOfText);
  return new BytePairTokenizer({ encoding, vocabularySize }, endOfText, tokens, splitPattern);
}
