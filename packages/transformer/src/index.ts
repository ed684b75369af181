export {
  type FeedForwardConfig,
  type ModelConfig,
  modelConfigSchema,
  type ResolvedModelConfig,
  resolveModelConfig,
} from './config.ts';
export { countModel, type ModelCounts } from './counts.ts';
export { type FeedForwardKindName, feedForwardKindNames, feedForwardKinds } from './feed-forward/kinds.ts';
export { forward, type KeysAndValues } from './forward.ts';
export { type GenerationOptions, type GeneratorOptions, generate, TokenGenerator } from './generation/generate.ts';
export { generateText, streamTexts, type TextOptions, type TextPiece } from './generation/generate-text.ts';
export { checkSamplingOptions, type SamplingOptions, sampleToken } from './generation/sampling.ts';
export { TextStream } from './generation/text-stream.ts';
export { type DropoutMasks, feedForwardBlocks, Gpt, parameterSpecifications } from './model.ts';
export { attend, causalMask } from './operations/attention.ts';
export { rotaryTables, rotate } from './operations/rotary.ts';
