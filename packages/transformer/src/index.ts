export {
  type FeedForwardConfig,
  type ModelConfig,
  modelConfigSchema,
  type ResolvedModelConfig,
  resolveModelConfig,
} from './config.ts';
export { countModel, type ModelCounts } from './counts.ts';
export { type FeedForwardKindName, feedForwardKindNames, feedForwardKinds } from './feed-forward/kinds.ts';
export { type Compile, type GenerationOptions, generate } from './generation.ts';
export { InputError } from './input-error.ts';
export { type DropoutMasks, Gpt, parameterSpecifications } from './model.ts';
export { attend, causalMask } from './operations/attention.ts';
export { linearCrossEntropy, linearTokenLosses } from './operations/cross-entropy.ts';
export { layerNorm } from './operations/layer-norm.ts';
export { rmsNorm } from './operations/rms-norm.ts';
export { rotaryTables, rotate } from './operations/rotary.ts';
export type { Parameter, ParameterGroup, ParameterSpecification } from './parameters.ts';
export { normalValues, type UniformStream, uniformStream } from './random.ts';
export { checkSamplingOptions, type SamplingOptions, sampleToken } from './sampling.ts';
