import { z } from 'zod';

/** What a checkpoint keeps of a monitor. */
export const lossMonitorStateSchema = z.object({
  weighted: z.number(),
  weight: z.number(),
  lowest: z.number().nullable(),
  /** Gradient norms by parameter when the running mean was lowest. */
  calm: z.record(z.string(), z.number()).default({}),
});
export type LossMonitorState = z.infer<typeof lossMonitorStateSchema>;

/** The norm of each parameter's gradient, by the parameter's name. */
export type GradientNorms = Readonly<Record<string, number>>;

const smoothing = 0.9;
/** Of the greatest rise: parameters whose gradients rose nearly as much are named with it. */
const nearlyAsMuch = 0.5;
const mostNames = 4;

/** Notices a training loss that has blown up: its running mean (over about ten steps) far above where it once was. */
export class LossMonitor {
  readonly #allowedRise: number;
  #state: LossMonitorState = { weighted: 0, weight: 0, lowest: null, calm: {} };
  #latest: GradientNorms = {};

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

  /** Takes the loss of a step and what its gradients were. @returns whether the run has blown up */
  observe(loss: number, gradientNorms: GradientNorms): boolean {
    const weighted = smoothing * this.#state.weighted + (1 - smoothing) * loss;
    const weight = smoothing * this.#state.weight + (1 - smoothing);
    const mean = weighted / weight;
    const isLowest = mean <= (this.#state.lowest ?? mean);
    const lowest = isLowest ? mean : this.#state.lowest!;
    this.#state = { weighted, weight, lowest, calm: isLowest ? { ...gradientNorms } : this.#state.calm };
    this.#latest = gradientNorms;
    return mean > lowest + this.#allowedRise;
  }

  /** The parameters whose gradients have risen most since the loss was lowest, the most risen first. */
  mostRisen(): string[] {
    const rises = Object.entries(this.#latest)
      .map(([name, norm]) => ({ name, rise: norm / (this.#state.calm[name] ?? norm) }))
      // A gradient that was 0 tells nothing of how much it rose.
      .filter(({ rise }) => Number.isFinite(rise))
      .sort((a, b) => b.rise - a.rise);
    const greatest = rises[0]?.rise ?? 0;
    return rises
      .filter(({ rise }) => rise > 1 && rise >= nearlyAsMuch * greatest)
      .slice(0, mostNames)
      .map(({ name }) => name);
  }
}
