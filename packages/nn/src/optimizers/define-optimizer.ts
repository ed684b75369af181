import { z } from 'zod';
import type { GradientTransform } from './gradient-transform.ts';

/** A share of a running mean that stays at each step. */
export const decayRate = z.number().min(0).lt(1);

/** Fields that every optimizer takes. */
const shared = {
  weightDecay: z.number().min(0).default(0.1).describe('decoupled; on matrices, never on norms, biases, activations'),
  decayEmbeddings: z.boolean().default(true).describe('decay the embeddings like matrices'),
  activationLearningRateMultiplier: z
    .number()
    .min(0)
    .default(1)
    .describe('of the learning rate, for parameters of activations'),
};

/** An optimizer as a configuration names it: the fields it takes, and the rule that makes directions of gradients. */
export interface OptimizerDefinition<Schema extends z.ZodType> {
  readonly schema: Schema;
  rule(config: z.output<Schema>): GradientTransform;
}

export function defineOptimizer<Schema extends z.ZodType>(
  schema: Schema,
  rule: (config: z.output<Schema>) => GradientTransform,
): OptimizerDefinition<Schema> {
  return { schema, rule };
}

/**
 * The fields of an optimizer: its own beside those of all, which are for the transforms around the rule.
 * @param description one line, for the list of options
 * @param learningRate the default peak of the schedule
 */
export function optimizerFields<Name extends string, Fields extends z.ZodRawShape>(
  name: Name,
  description: string,
  learningRate: number,
  fields: Fields,
) {
  return z.strictObject({
    name: z.literal(name).describe(description),
    learningRate: z.number().positive().default(learningRate).describe('peak of the schedule'),
    ...fields,
    ...shared,
  });
}
