import { z } from 'zod';

/** The figure that a comparison is about: one of those that an evaluation holds under `metrics`. */
export const metricSchema = z.strictObject({
  /** The key in `metrics`, also for people: `perplexity`, `accuracy`, `AUC`. Files are named after it. */
  name: z.string().regex(/^[A-Za-z][\w-]{0,40}$/, 'expected a word of letters, digits, "-" and "_"'),
  /** `%`, `ms`, ...; empty for a pure number. */
  unit: z.string(),
  lowerIsBetter: z.boolean(),
  /**
   * How differences are compared. `exponential`: the metric is exp(loss), so they are differences of losses in nats, told
   * as shares and drawn on a logarithmic axis. `linear`: differences of the values, in the metric's unit.
   */
  scale: z.enum(['exponential', 'linear']),
});
