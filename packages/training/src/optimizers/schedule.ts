import type { ScheduleConfig } from '../config/schema.ts';

/**
 * The learning rate of step `step` (1 to `steps`): a linear warm-up that reaches `peak` at step `warmupSteps`, then the
 * named course, which reaches `finalFraction * peak` at the last step.
 */
export function learningRate(schedule: ScheduleConfig, peak: number, step: number, steps: number): number {
  const { name, warmupSteps, finalFraction } = schedule;
  if (step <= warmupSteps) return (peak * step) / warmupSteps;
  if (name === 'constant') return peak;
  const progress = (step - warmupSteps) / Math.max(1, steps - warmupSteps);
  const remaining = name === 'linear' ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
  return peak * (finalFraction + (1 - finalFraction) * remaining);
}
