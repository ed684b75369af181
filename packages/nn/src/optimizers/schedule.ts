import { z } from 'zod';
import { withDefaultName } from './with-default-name.ts';

const warmupSteps = z.number().int().nonnegative().default(20).describe('linear rise from 0 to the peak');
const finalFraction = z.number().min(0).max(1).default(0.1).describe('of the peak, at the last step');
const decayFraction = z.number().min(0).max(1).default(0.2).describe('share of the steps in which it falls');

const constant = defineSchedule(
  z.strictObject({ name: z.literal('constant').describe('stays at the peak'), warmupSteps }),
  () => 1,
);

const linear = defineSchedule(
  z.strictObject({ name: z.literal('linear').describe('falls in a straight line'), warmupSteps, finalFraction }),
  (schedule, step, steps) => fall(schedule, 1 - progress(schedule.warmupSteps, step, steps)),
);

const cosine = defineSchedule(
  z.strictObject({ name: z.literal('cosine').describe('falls as half a cosine'), warmupSteps, finalFraction }),
  (schedule, step, steps) =>
    fall(schedule, 0.5 * (1 + Math.cos(Math.PI * progress(schedule.warmupSteps, step, steps)))),
);

const warmupStableDecay = defineSchedule(
  z.strictObject({
    name: z.literal('warmup-stable-decay').describe('stays at the peak, then falls in a straight line'),
    warmupSteps,
    finalFraction,
    decayFraction,
  }),
  (schedule, step, steps) => {
    const from = Math.max(schedule.warmupSteps, steps - Math.round(schedule.decayFraction * steps));
    return fall(schedule, 1 - progress(from, step, steps));
  },
);

/** Every schedule that a configuration can name. */
const schedules = { constant, linear, cosine, 'warmup-stable-decay': warmupStableDecay };

/** Each schedule takes its own fields and refuses those of the others. */
export const scheduleSchema = withDefaultName(
  'cosine',
  z.discriminatedUnion('name', [constant.schema, linear.schema, cosine.schema, warmupStableDecay.schema]),
);

export type ScheduleConfig = z.output<typeof scheduleSchema>;

/**
 * The learning rate of step `step` (1 to `steps`): a linear warm-up that reaches `peak` at step `warmupSteps`, then the
 * named course, which (all but the constant one) reaches `finalFraction * peak` at the last step.
 */
export function learningRate(schedule: ScheduleConfig, peak: number, step: number, steps: number): number {
  if (step <= schedule.warmupSteps) return (peak * step) / schedule.warmupSteps;
  const { course }: { course(schedule: ScheduleConfig, step: number, steps: number): number } =
    schedules[schedule.name];
  return peak * course(schedule, step, steps);
}

/** A schedule as a configuration names it. @param course share of the peak after the warm-up */
function defineSchedule<Schema extends z.ZodType>(
  schema: Schema,
  course: (schedule: z.output<Schema>, step: number, steps: number) => number,
) {
  return { schema, course };
}

/** The share of the steps behind `from` that step `step` has reached, from 0 to 1. */
function progress(from: number, step: number, steps: number): number {
  return Math.max(0, step - from) / Math.max(1, steps - from);
}

function fall({ finalFraction }: { finalFraction: number }, remaining: number): number {
  return finalFraction + (1 - finalFraction) * remaining;
}
