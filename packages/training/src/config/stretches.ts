import { InputError } from '@dynact/files/input-error';
import { learningRate } from '@dynact/nn';
import { quarters } from '../evaluation/steps.ts';
import type { Config, TrainingConfig } from './schema.ts';

/** Course of the learning rate in steps that a run is given later: it stays as it ended, or its schedule begins anew. */
export type Continuation = TrainingConfig['stretches'][number]['schedule'];

/**
 * The configuration of a run that trains longer than it was meant to: `steps` in all, the added ones a stretch of its own.
 * Where the steps of evaluations are listed, the quarters of the stretch are added.
 * @throws InputError when that is no longer than before
 */
export function longerConfig(config: Config, steps: number, schedule: Continuation): Config {
  const { steps: after, stretches, evaluation } = config.training;
  if (steps <= after) {
    throw new InputError(
      'configuration',
      `training.steps: ${steps} is no longer than the ${after} of the run; give more, or train anew`,
    );
  }
  const listed =
    evaluation.steps === undefined
      ? {}
      : { steps: [...new Set([...evaluation.steps, after, ...quarters(after, steps)])] };
  return {
    ...config,
    training: {
      ...config.training,
      steps,
      stretches: [...stretches, { after, schedule }],
      evaluation: { ...evaluation, ...listed },
    },
  };
}

/** The learning rate of a step (from 1), stretch by stretch. */
export function scheduledLearningRate(training: TrainingConfig, step: number): number {
  const { schedule, optimizer, steps, stretches } = training;
  const begin = stretches.findLastIndex(({ after }) => after < step);
  const stretch = stretches[begin];
  const end = stretches[begin + 1]?.after ?? steps;
  if (stretch === undefined) return learningRate(schedule, optimizer.learningRate, step, end);
  const { after } = stretch;
  if (stretch.schedule === 'restart') return learningRate(schedule, optimizer.learningRate, step - after, end - after);
  // A constant one has no end: it goes on, also with a warm-up that was cut short.
  const shorter = { ...training, steps: after, stretches: stretches.slice(0, begin) };
  return scheduledLearningRate(shorter, schedule.name === 'constant' ? step : after);
}

/** The course of the learning rate in words, a line for each stretch. */
export function describeLearningRate(training: TrainingConfig): string[] {
  const { steps, stretches } = training;
  return [undefined, ...stretches].map((stretch, index) => {
    const first = (stretch?.after ?? 0) + 1;
    const last = stretches[index]?.after ?? steps;
    return `steps ${first} to ${last}: ${courseInWords(training, first, last, stretch?.schedule)}`;
  });
}

function courseInWords(training: TrainingConfig, first: number, last: number, continuation?: Continuation): string {
  const { name, warmupSteps } = training.schedule;
  const rate = (step: number) => Number(scheduledLearningRate(training, step).toPrecision(3));
  const stays = `stays at ${rate(last)}`;
  if (continuation === 'keep') return name === 'constant' ? `goes on, ${stays}` : stays;
  const rest = name === 'constant' ? stays : `falls to ${rate(last)} (${name})`;
  if (warmupSteps === 0) return `begins at ${rate(first)}, ${rest}`;
  const peak = Math.min(first - 1 + warmupSteps, last);
  const warmUp = `warms up to ${rate(peak)} at step ${peak}`;
  return peak === last ? warmUp : `${warmUp}, ${rest}`;
}
