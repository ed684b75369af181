import { z } from 'zod';
import { adamw } from './adam.ts';
import { chain } from './chain.ts';
import { clipByGlobalNorm } from './clipping.ts';
import type { GradientTransform, TransformedParameter } from './gradient-transform.ts';
import { scaleByLearningRate } from './learning-rate.ts';
import { lion } from './lion.ts';
import { sgd } from './momentum.ts';
import { muon } from './muon.ts';
import { decayWeights } from './weight-decay.ts';
import { withDefaultName } from './with-default-name.ts';

/** Every optimizer that a configuration can name. */
const optimizers = { adamw, sgd, lion, muon };

/** Each optimizer takes its own fields and refuses those of the others: none is ever ignored. */
export const optimizerSchema = withDefaultName(
  'adamw',
  z.discriminatedUnion('name', [adamw.schema, sgd.schema, lion.schema, muon.schema]),
);

export type OptimizerConfig = z.output<typeof optimizerSchema>;

/** The rule of a configured optimizer, to be put into a chain. */
export function optimizerRule(config: OptimizerConfig): GradientTransform {
  const { rule }: { rule(config: OptimizerConfig): GradientTransform } = optimizers[config.name];
  return rule(config);
}

/**
 * The whole way from a gradient to a step, as nearly everybody trains: clip, rule, decoupled decay, learning rate.
 * @param learningRate of a step, from 1
 * @param gradientClip largest global norm; null for none
 */
export function createOptimizer(
  config: OptimizerConfig,
  learningRate: (step: number) => number,
  gradientClip: number | null,
): GradientTransform {
  const { weightDecay, decayEmbeddings, activationLearningRateMultiplier } = config;
  const decays = ({ group }: TransformedParameter) =>
    group === 'matrix' || group === 'output' || (group === 'embedding' && decayEmbeddings);
  const multiplierOf = ({ group, learningRateMultiplier }: TransformedParameter) =>
    group === 'activation' ? learningRateMultiplier * activationLearningRateMultiplier : learningRateMultiplier;
  return chain(
    ...(gradientClip === null ? [] : [clipByGlobalNorm(gradientClip)]),
    optimizerRule(config),
    decayWeights(weightDecay, decays),
    scaleByLearningRate(learningRate, multiplierOf),
  );
}
