import { InputError } from '@dynact/files/input-error';
import { learningRate } from '@dynact/nn';
import type { Config, TrainingConfig } from './schema.ts';

/** Course of the learning rate in steps that a run is given later: it stays as it ended, or its schedule begins anew. */
export type Continuation = TrainingConfig['stretches'][number]['schedule'];

/**
 * The configuration of a run that trains longer than it was meant to: `steps` in all, the added ones a stretch of its own.
 * @throws InputError when that is no longer than before
 */
export function longerConfig(config: Config, steps: number, schedule: Continuation): Config {
  const { steps: after, stretches } = config.training;
  if (steps <= after) {
    throw new InputError(
      'configuration',
      `training.steps: ${steps} is no longer than the ${after} of the run; give more, or train anew`,
    );
  }
  return { ...config, training: { ...config.training, steps, stretches: [...stretches, { after, schedule }] } };
}

/** The learning rate of a step (from 1), stretch by stretch. */
export function scheduledLearningRate(training: TrainingConfig, step: number): number {
  const { schedule, optimizer, steps, stretches } = training;
  const begin = stretches.findLastIndex(({ after }) => after < step);
  const stretch = stretches[begin];
  const end = stretches[begin + 1]?.after ?? steps;
  if (stretch === undefined) return learningRate(schedule, optimizer.learningRate, step, end);
  const { after } = stretch;
  if (stretch.schedule === 'keep') return scheduledLearningRate(training, after);
  return learningRate(schedule, optimizer.learningRate, step - after, end - after);
}
