export { createArchitecture } from './architecture.ts';
export { blockLength, maskNumbers } from './attention-tables.ts';
export type { Drop } from './blocks/block.ts';
export {
  describeFeedForwardKinds,
  feedForwardKind,
  feedForwardKindNames,
  feedForwardKinds,
  registerOwn,
} from './config/feed-forward-kinds.ts';
export { defineFeedForward, type FeedForwardDefinition, type FeedForwardParts } from './config/own-feed-forward.ts';
export { type ResolvedModelConfig, resolveModelConfig } from './config/resolve.ts';
export { type ModelConfig, modelConfigSchema } from './config/schema.ts';
export { countModel, type ModelCounts } from './counts.ts';
export { dropBy } from './dropout.ts';
export { exportableForward, type KeysAndValues } from './exportable-forward.ts';
export { type GeneratorOptions, generate, TokenGenerator } from './generation/generate.ts';
export { generateText } from './generation/generate-text.ts';
export { type GenerationOptions, generateTokens } from './generation/generate-tokens.ts';
export { checkSamplingOptions, type SamplingOptions, sampleToken } from './generation/sampling.ts';
export { streamTexts, type TextOptions, type TextPiece } from './generation/stream-texts.ts';
export { TextStream } from './generation/text-stream.ts';
export { evaluationBytes, generationBytes } from './inference-memory.ts';
export { Gpt } from './model.ts';
export { causalMask } from './operations/attention.ts';
export { scoresAtATime } from './operations/block-attention.ts';
