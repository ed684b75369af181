import type { GradientNorms, StepResult } from '@dynact/nn';
import type { Evaluation } from '../evaluation/evaluator.ts';
import { firstToDiverge, nonFiniteParameters } from './first-to-diverge.ts';
import type { GptBatch, Learner } from './learner.ts';
import type { RunState } from './run-state.ts';

const smoothing = 0.9;
/** Share of the greatest rise: parameters whose gradients rose nearly as much are named with it. */
const nearlyAsMuch = 0.5;
const mostNames = 4;

/** Ends a run that cannot go on. */
export class Diverged extends Error {
  /** The parameters that went first; none where it cannot be told. */
  readonly parameters: readonly string[];

  constructor(parameters: readonly string[]) {
    super('diverged');
    this.parameters = parameters;
  }
}

/** Ends a run whose numbers are not finite, or whose loss has blown up. */
export class Divergence {
  readonly #learner: Learner;
  readonly #monitor: LossMonitor;

  /** @param allowedRise nats that the smoothed loss may rise above its lowest value; null for no limit */
  constructor(learner: Learner, state: RunState, allowedRise: number | null) {
    this.#learner = learner;
    this.#monitor = new LossMonitor(state, allowedRise);
  }

  /**
   * Looks at a step.
   * @param microBatches those of the step once more, to find where the forward pass overflowed
   * @throws Diverged
   */
  async check({ loss, gradientNorms, nonFinite }: StepResult, microBatches: Iterable<GptBatch>): Promise<void> {
    if (nonFinite.length > 0 || !Number.isFinite(loss)) {
      throw new Diverged(await firstToDiverge(this.#learner.model, microBatches, nonFinite));
    }
    if (this.#monitor.observe(loss, gradientNorms)) throw new Diverged(this.#monitor.mostRisen());
  }

  /** Looks at an evaluation. @throws Diverged where its perplexity is no number */
  async checkEvaluation({ metrics }: Evaluation): Promise<void> {
    if (Number.isFinite(metrics.perplexity)) return;
    const spoiled = await nonFiniteParameters(this.#learner.evaluated);
    throw new Diverged(spoiled.length > 0 ? spoiled : this.#monitor.mostRisen());
  }
}

/** Notices a training loss that has blown up: its running mean (over about ten steps) far above where it once was. */
export class LossMonitor {
  readonly #state: Pick<RunState, 'lossMonitor'>;
  readonly #allowedRise: number;
  #latest: GradientNorms = {};

  /** @param state is brought up to date @param allowedRise nats above the lowest running mean; null for no limit */
  constructor(state: Pick<RunState, 'lossMonitor'>, allowedRise: number | null) {
    this.#state = state;
    this.#allowedRise = allowedRise ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the loss of a step and the norms of its gradients. @returns whether the run has blown up */
  observe(loss: number, gradientNorms: GradientNorms): boolean {
    const before = this.#state.lossMonitor;
    const weighted = smoothing * before.weighted + (1 - smoothing) * loss;
    const weight = smoothing * before.weight + (1 - smoothing);
    const mean = weighted / weight;
    const isLowest = mean <= (before.lowest ?? mean);
    const lowest = isLowest ? mean : before.lowest!;
    this.#state.lossMonitor = { weighted, weight, lowest, calm: isLowest ? { ...gradientNorms } : before.calm };
    this.#latest = gradientNorms;
    return mean > lowest + this.#allowedRise;
  }

  /** The parameters whose gradients have risen most since the loss was lowest, the most risen first. */
  mostRisen(): string[] {
    const { calm } = this.#state.lossMonitor;
    const rises = Object.entries(this.#latest)
      .map(([name, norm]) => ({ name, rise: norm / (calm[name] ?? norm) }))
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
