import { evaluationPointSchema } from '@dynact/runs/records';
import { z } from 'zod';

/** The training loss, smoothed, as the watch over it goes on after a resume. */
const lossWatchSchema = z.object({
  weighted: z.number(),
  weight: z.number(),
  lowest: z.number().nullable(),
  /** Gradient norms by parameter when the running mean was lowest. */
  calm: z.record(z.string(), z.number()).default({}),
});

/** A run as a checkpoint's state.json holds it. */
export const runStateSchema = z.looseObject({
  step: z.number().int().nonnegative(),
  elapsedMs: z.number().nonnegative(),
  best: evaluationPointSchema.nullable(),
  lossMonitor: lossWatchSchema,
});

/**
 * How far a run is. Its parts share one such object and change their fields of it; beside the tensors it is all that
 * must be remembered, since the data order and every mask follow from (seed, step).
 */
export type RunState = z.infer<typeof runStateSchema>;

export function initialRunState(): RunState {
  return { step: 0, elapsedMs: 0, best: null, lossMonitor: { weighted: 0, weight: 0, lowest: null, calm: {} } };
}
