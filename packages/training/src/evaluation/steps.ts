import { InputError } from '@dynact/files/input-error';
import type { TrainingConfig } from '../config/schema.ts';

/** A run that is evaluated more often than this does little else, and its steps are held in memory. */
const mostEvaluations = 100_000;

/**
 * The steps after which a run is evaluated: 0 and the last always, and between them those of the configuration.
 * @throws InputError when both ways of saying it are used, or a step lies beyond the last step
 */
export function evaluationSteps({ steps, evaluation }: TrainingConfig): number[] {
  const { steps: given, every } = evaluation;
  if (given !== undefined && every !== undefined) {
    throw new InputError('configuration', 'training.evaluation: give either steps or every, not both');
  }
  const beyond = given?.find((step) => step > steps);
  if (beyond !== undefined) {
    throw new InputError(
      'configuration',
      `training.evaluation.steps: step ${beyond} lies beyond training.steps ${steps}`,
    );
  }
  const interval = every ?? Math.max(1, Math.ceil(steps / 4));
  if (given === undefined && steps / interval > mostEvaluations) {
    throw new InputError(
      'configuration',
      `training.evaluation.every: ${interval} makes ${Math.floor(steps / interval)} evaluations; use at least ${Math.ceil(steps / mostEvaluations)}`,
    );
  }
  const between = given ?? Array.from({ length: Math.floor(steps / interval) }, (_, index) => (index + 1) * interval);
  return [...new Set([0, ...between, steps])].sort((a, b) => a - b);
}
