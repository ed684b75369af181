export { createArchitecture } from './architecture.ts';
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
export { forward, type KeysAndValues } from './forward.ts';
export { type GenerationOptions, type GeneratorOptions, generate, TokenGenerator } from './generation/generate.ts';
export { generateText, streamTexts, type TextOptions, type TextPiece } from './generation/generate-text.ts';
export { checkSamplingOptions, type SamplingOptions, sampleToken } from './generation/sampling.ts';
export { TextStream } from './generation/text-stream.ts';
export { evaluationBytes, generationBytes } from './inference-memory.ts';
export { Gpt } from './model.ts';
