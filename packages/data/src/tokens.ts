/** From a text in memory to batches; nothing of Node, so that it runs in a browser. */
export {
  type Batch,
  createEvaluationWindows,
  createTrainingBatches,
  type EvaluationWindows,
  type TrainingBatches,
} from './read/batches.ts';
export { tokensInMemory } from './read/tokens.ts';
export { type TokenizedText, tokenizeText } from './tokenize-text.ts';
export { BytePairTokenizer, type Tokenizer } from './tokenizer/byte-pair-tokenizer.ts';
export { createTokenizer } from './tokenizer/tokenizer.ts';
export { tokenCounts, unigramPerplexity } from './unigram.ts';
