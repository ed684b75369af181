import { InputError as ActivationInputError } from '@dynact/activations';
import { InputError } from '@dynact/files/input-error';
import { z } from 'zod';
import { feedForwardBlock } from './feed-forward/block.ts';
import { defaultFeedForwardHidden } from './feed-forward/hidden-width.ts';
import { feedForwardKindNames } from './feed-forward/kinds.ts';

const positiveInteger = z.number().int().positive();

const activationSchema = z
  .looseObject({ name: z.string() })
  .describe('an activation of @dynact/activations by name, with its options beside the name');

const feedForwardOverrideSchema = z.strictObject({
  kind: z.enum(feedForwardKindNames).optional().describe('another kind of block in this layer'),
  activation: activationSchema.optional().describe('another activation in this layer'),
});

export const feedForwardConfigSchema = z.strictObject({
  kind: z.enum(feedForwardKindNames).default('swiglu').describe('the block: a gated one, or mlp'),
  hidden: positiveInteger
    .optional()
    .describe('gated hidden width; by default 2/3 of 4 x width, rounded to a multiple of 16. mlp gets 3/2 of it'),
  activation: activationSchema.optional().describe("replaces the kind's own activation, or sets options for it"),
  perLayer: z.array(feedForwardOverrideSchema).optional().describe('one override a layer, in order'),
});

const initializationSchema = z.strictObject({
  standardDeviation: z.number().positive().default(0.02).describe('of the normal start values of matrices'),
  embeddingStandardDeviation: z
    .number()
    .positive()
    .optional()
    .describe('of the token embedding; by default 0.02, when tied at most 2 / width so that step 0 predicts uniformly'),
  residualScaled: z
    .boolean()
    .default(true)
    .describe('divide the start values of the matrices that write to the residual stream by sqrt(2 x layers)'),
});

/** The architecture of a GPT. Widths are in features, `context` in tokens. */
export const modelConfigSchema = z.strictObject({
  layers: positiveInteger.max(1000).default(4).describe('residual blocks'),
  width: positiveInteger.default(128).describe('features of the residual stream'),
  heads: positiveInteger.default(4).describe('attention heads; must divide width'),
  kvHeads: positiveInteger
    .optional()
    .describe('key and value heads; heads for multi-head, 1 for multi-query attention'),
  context: positiveInteger.default(128).describe('tokens the model sees'),
  feedForward: feedForwardConfigSchema.prefault({}),
  norm: z.enum(['rmsnorm', 'layernorm']).default('rmsnorm').describe('normalisation before each sub-block'),
  normEpsilon: z.number().positive().default(1e-6).describe('added to the mean square (or variance)'),
  position: z.enum(['rope', 'learned', 'none']).default('rope').describe('how positions enter'),
  ropeBase: z.number().positive().default(10000).describe('base of the rotation frequencies of rope'),
  tieEmbeddings: z.boolean().default(true).describe('use the token embedding as the output matrix'),
  bias: z.boolean().default(false).describe('add a bias to every linear layer but the output'),
  dropout: z.number().min(0).max(0.95).default(0).describe('probability, on the embedding and each residual branch'),
  initialization: initializationSchema.prefault({}),
});

export type ModelConfig = z.output<typeof modelConfigSchema>;
export type FeedForwardConfig = z.output<typeof feedForwardConfigSchema>;

/** A configuration whose derived widths are filled in; `vocabularySize` comes from the dataset. */
export interface ResolvedModelConfig extends Omit<ModelConfig, 'kvHeads' | 'feedForward' | 'initialization'> {
  readonly vocabularySize: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  readonly feedForward: Omit<FeedForwardConfig, 'hidden'> & { readonly hidden: number };
  readonly initialization: ModelConfig['initialization'] & { readonly embeddingStandardDeviation: number };
}

/**
 * Checks what zod cannot see across fields and fills in what follows from other fields.
 * @throws InputError naming the path of the field that is wrong.
 */
export function resolveModelConfig(config: ModelConfig, vocabularySize: number): ResolvedModelConfig {
  const { width, heads, layers, tieEmbeddings } = config;
  const kvHeads = config.kvHeads ?? heads;
  if (width % heads !== 0) {
    throw new InputError(
      'configuration',
      `model.heads: ${heads} heads do not divide width ${width}; choose heads that divide it`,
    );
  }
  if (heads % kvHeads !== 0) {
    throw new InputError(
      'configuration',
      `model.kvHeads: ${kvHeads} does not divide ${heads} heads; choose a divisor of heads`,
    );
  }
  const headWidth = width / heads;
  if (config.position === 'rope' && headWidth % 2 !== 0) {
    throw new InputError(
      'configuration',
      `model.heads: rope rotates pairs of features, but width ${width} over ${heads} heads gives the odd head width ${headWidth}`,
    );
  }
  const hidden = config.feedForward.hidden ?? defaultFeedForwardHidden(width);
  if (hidden % 2 !== 0) {
    throw new InputError(
      'configuration',
      `model.feedForward.hidden: ${hidden} is odd; mlp gets 3/2 of it, so choose an even number`,
    );
  }
  const { perLayer } = config.feedForward;
  if (perLayer !== undefined && perLayer.length !== layers) {
    throw new InputError(
      'configuration',
      `model.feedForward.perLayer: ${perLayer.length} entries for ${layers} layers; give one a layer`,
    );
  }
  const embeddingStandardDeviation =
    config.initialization.embeddingStandardDeviation ?? (tieEmbeddings ? Math.min(0.02, 2 / width) : 0.02);
  const resolved: ResolvedModelConfig = {
    ...config,
    vocabularySize,
    kvHeads,
    headWidth,
    feedForward: { ...config.feedForward, hidden },
    initialization: { ...config.initialization, embeddingStandardDeviation },
  };
  checkActivations(resolved);
  return resolved;
}

/** Unknown activations and their wrong options are found now, not when the model is made. */
function checkActivations(config: ResolvedModelConfig): void {
  for (let layer = 0; layer < config.layers; layer++) {
    try {
      feedForwardBlock(config, layer);
    } catch (error) {
      if (!(error instanceof ActivationInputError)) throw error;
      throw new InputError('configuration', `model.feedForward.activation: ${error.message}`);
    }
  }
}

/** Standard deviation of the matrices that write to the residual stream, as in GPT-2: the sum over 2 x layers branches keeps its size. */
export function residualStandardDeviation(config: ResolvedModelConfig): number {
  const { standardDeviation, residualScaled } = config.initialization;
  return residualScaled ? standardDeviation / Math.sqrt(2 * config.layers) : standardDeviation;
}
