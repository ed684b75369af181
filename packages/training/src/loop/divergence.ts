import { z } from 'zod';

/** What a checkpoint keeps of a monitor. */
export const lossMonitorStateSchema = z.object({
  weighted: z.number(),
  weight: z.number(),
  lowest: z.number().nullable(),
});
export type LossMonitorState = z.infer<typeof lossMonitorStateSchema>;

const smoothing = 0.9;

/** Notices a training loss that has blown up: its running mean (over about ten steps) far above where it once was. */
export class LossMonitor {
  readonly #allowedRise: number;
  #state: LossMonitorState = { weighted: 0, weight: 0, lowest: null };

  /** @param allowedRise nats above the lowest running mean; null for no limit */
  constructor(allowedRise: number | null) {
    this.#allowedRise = allowedRise ?? Number.POSITIVE_INFINITY;
  }

  get state(): LossMonitorState {
    return this.#state;
  }

  restore(state: LossMonitorState): void {
    this.#state = state;
  }

  /** Takes the loss of a step. @returns whether the run has blown up */
  observe(loss: number): boolean {
    const weighted = smoothing * this.#state.weighted + (1 - smoothing) * loss;
    const weight = smoothing * this.#state.weight + (1 - smoothing);
    const mean = weighted / weight;
    const lowest = Math.min(this.#state.lowest ?? mean, mean);
    this.#state = { weighted, weight, lowest };
    return mean > lowest + this.#allowedRise;
  }
}

/**
 * What went first in a step that is not finite: the parameters whose gradients are not, and where all of them are spoiled
 * (the forward pass itself overflowed) the loss.
 */
export function firstToDiverge(nonFinite: readonly string[], parameterCount: number): string {
  return nonFinite.length === 0 || nonFinite.length === parameterCount ? 'loss' : nonFinite.join(', ');
}
