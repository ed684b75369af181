import { z } from 'zod';
import { withDefaultName } from './with-default-name.ts';

const decayRate = z.number().min(0).lt(1);

/** What every optimizer takes. */
const shared = {
  weightDecay: z.number().min(0).default(0.1).describe('decoupled; on matrices, never on norms, biases, activations'),
  decayEmbeddings: z.boolean().default(true).describe('decay the embeddings like matrices'),
  activationLearningRateMultiplier: z
    .number()
    .min(0)
    .default(1)
    .describe('of the learning rate, for parameters of activations'),
};

const adamFields = {
  beta1: decayRate.default(0.9).describe('decay of the mean of gradients'),
  beta2: decayRate.default(0.95).describe('decay of the mean of squared gradients'),
  epsilon: z.number().positive().default(1e-8).describe('added to the root of the second moment'),
};

const learningRate = (value: number) => z.number().positive().default(value).describe('peak of the schedule');

/** Each optimizer takes its own fields and refuses those of the others: none is ever ignored. */
export const optimizerSchema = withDefaultName(
  'adamw',
  z.discriminatedUnion('name', [
    z.strictObject({
      name: z.literal('adamw').describe('AdamW (arXiv 1711.05101)'),
      learningRate: learningRate(1e-3),
      ...adamFields,
      ...shared,
    }),
    z.strictObject({
      name: z.literal('sgd').describe('stochastic gradient descent with momentum'),
      learningRate: learningRate(0.1),
      momentum: decayRate.default(0.9).describe('decay of the velocity; 0 for plain descent'),
      nesterov: z.boolean().default(false).describe('look ahead along the velocity'),
      ...shared,
    }),
    z.strictObject({
      name: z.literal('lion').describe('Lion (arXiv 2302.06675); wants a third to a tenth of the AdamW rate'),
      learningRate: learningRate(2e-4),
      beta1: decayRate.default(0.9).describe('weight of the mean in the update'),
      beta2: decayRate.default(0.99).describe('decay of the mean of gradients'),
      ...shared,
    }),
    z.strictObject({
      name: z.literal('muon').describe('Muon for matrices (arXiv 2502.16982), AdamW for all other parameters'),
      learningRate: learningRate(1e-3),
      momentum: decayRate.default(0.95).describe('of the matrices, in Nesterov form'),
      iterations: z.number().int().positive().default(5).describe('Newton-Schulz steps of the orthogonalisation'),
      ...adamFields,
      ...shared,
    }),
  ]),
);

export type OptimizerConfig = z.output<typeof optimizerSchema>;
