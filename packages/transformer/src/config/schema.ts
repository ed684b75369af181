import { z } from 'zod';
import { feedForwardKindNames } from './feed-forward-kinds.ts';

const positiveInteger = z.number().int().positive();

const activationSchema = z
  .looseObject({ name: z.string() })
  .describe('an activation of @dynact/activations by name, with its options beside the name');

/** Which names there are is seen when a model is resolved: a plugin brings further ones. */
const kindSchema = (description: string) =>
  z
    .string()
    .min(1)
    .meta({ description, examples: [...feedForwardKindNames, 'mish', 'mlp.mish'] });

const feedForwardOverrideSchema = z.strictObject({
  kind: kindSchema('another kind of block in this layer; by default the one of all').optional(),
  activation: activationSchema.optional().describe('another activation in this layer; by default the one of all'),
});

const feedForwardConfigSchema = z.strictObject({
  kind: kindSchema(
    `the block: ${feedForwardKindNames.join(', ')}; an activation as a gate (mish) or in a plain block (mlp.mish); what a plugin defines`,
  ).default('swiglu'),
  hiddenWidth: positiveInteger
    .optional()
    .describe('of gated blocks; by default 2/3 of 4 x width, rounded to a multiple of 16. mlp gets 3/2 of it'),
  activation: activationSchema
    .optional()
    .describe("replaces the kind's own activation, or sets options for it; by default the kind's own"),
  perLayer: z.array(feedForwardOverrideSchema).optional().describe('one override a layer, in order; by default none'),
});

const initializationSchema = z.strictObject({
  standardDeviation: z.number().positive().default(0.02).describe('of the normal initial values of matrices'),
  embeddingStandardDeviation: z
    .number()
    .positive()
    .optional()
    .describe('of the token embedding; by default 0.02, when tied at most 2 / width so that step 0 predicts uniformly'),
  residualScaled: z
    .boolean()
    .default(true)
    .describe('divide the initial values of the matrices that write to the residual stream by sqrt(2 x layers)'),
});

/** The architecture of a GPT. Widths are in features, `context` in tokens. */
export const modelConfigSchema = z.strictObject({
  layers: positiveInteger.max(1000).default(4).describe('residual blocks'),
  width: positiveInteger.default(128).describe('features of the residual stream'),
  heads: positiveInteger.default(4).describe('attention heads; must divide width'),
  kvHeads: positiveInteger
    .optional()
    .describe('key and value heads; by default as many as heads, 1 for multi-query attention'),
  context: positiveInteger.default(128).describe('tokens the model sees'),
  feedForward: feedForwardConfigSchema.prefault({}),
  norm: z.enum(['rmsnorm', 'layernorm']).default('rmsnorm').describe('normalization before each sub-block'),
  normEpsilon: z.number().positive().default(1e-6).describe('added to the mean square (or variance)'),
  position: z.enum(['rope', 'learned', 'none']).default('rope').describe('how positions enter'),
  ropeBase: z.number().positive().default(10000).describe('base of the rotation frequencies of rope'),
  tieEmbeddings: z.boolean().default(true).describe('use the token embedding as the output matrix'),
  bias: z.boolean().default(false).describe('add a bias to every linear layer but the output'),
  dropout: z.number().min(0).max(0.95).default(0).describe('probability, on the embedding and each residual branch'),
  initialization: initializationSchema.prefault({}),
});

export type ModelConfig = z.output<typeof modelConfigSchema>;
