import { z } from 'zod';
import { withDefaultName } from './with-default-name.ts';

const warmupSteps = z.number().int().nonnegative().default(20).describe('linear rise from 0 to the peak');
const finalFraction = z.number().min(0).max(1).default(0.1).describe('of the peak, at the last step');

/** Each schedule takes its own fields and refuses those of the others. */
export const scheduleSchema = withDefaultName(
  'cosine',
  z.discriminatedUnion('name', [
    z.strictObject({ name: z.literal('constant').describe('stays at the peak'), warmupSteps }),
    z.strictObject({ name: z.literal('linear').describe('falls in a straight line'), warmupSteps, finalFraction }),
    z.strictObject({ name: z.literal('cosine').describe('falls as half a cosine'), warmupSteps, finalFraction }),
    z.strictObject({
      name: z.literal('warmup-stable-decay').describe('stays at the peak, then falls in a straight line'),
      warmupSteps,
      finalFraction,
      decayFraction: z.number().min(0).max(1).default(0.2).describe('share of the steps in which it falls'),
    }),
  ]),
);

export type ScheduleConfig = z.output<typeof scheduleSchema>;
