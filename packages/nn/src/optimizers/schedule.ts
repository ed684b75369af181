import type { ScheduleConfig } from './schedule-schema.ts';

/**
 * The learning rate of step `step` (1 to `steps`): a linear warm-up that reaches `peak` at step `warmupSteps`, then the
 * named course, which (all but the constant one) reaches `finalFraction * peak` at the last step.
 */
export function learningRate(schedule: ScheduleConfig, peak: number, step: number, steps: number): number {
  const { warmupSteps } = schedule;
  if (step <= warmupSteps) return (peak * step) / warmupSteps;
  if (schedule.name === 'constant') return peak;
  const decayFrom =
    schedule.name === 'warmup-stable-decay'
      ? Math.max(warmupSteps, steps - Math.round(schedule.decayFraction * steps))
      : warmupSteps;
  const progress = Math.max(0, step - decayFrom) / Math.max(1, steps - decayFrom);
  const remaining = schedule.name === 'cosine' ? 0.5 * (1 + Math.cos(Math.PI * progress)) : 1 - progress;
  return peak * (schedule.finalFraction + (1 - schedule.finalFraction) * remaining);
}
