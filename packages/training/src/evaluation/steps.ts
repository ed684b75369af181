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
  if (every !== undefined && steps / every > mostEvaluations) {
    throw new InputError(
      'configuration',
      `training.evaluation.every: ${every} makes ${Math.floor(steps / every)} evaluations; use at least ${Math.ceil(steps / mostEvaluations)}`,
    );
  }
  const regular =
    every === undefined
      ? quarters(0, steps)
      : Array.from({ length: Math.floor(steps / every) }, (_, index) => (index + 1) * every);
  return [...new Set([0, ...(given ?? regular), steps])].sort((a, b) => a - b);
}

/** The ends of the quarters of the steps behind `after`. */
export function quarters(after: number, steps: number): number[] {
  return [1, 2, 3, 4].map((quarter) => after + Math.ceil((quarter * (steps - after)) / 4));
}
