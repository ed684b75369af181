import { engine } from '@tensorflow/tfjs-core';

/** Operators after which new data from JavaScript ends a batch of work that takes no gradients. */
const inferenceOperators = 512;

/**
 * When the pending graph is computed without being asked. A loop that never reads would otherwise grow one graph without
 * end; and it should be cut at the same place of every turn, so that all turns share one compiled graph:
 * - a gradient begins after variables were assigned: a training step is complete;
 * - new data arrives and no gradient was taken: probably the next batch of a prediction;
 * - there are simply too many operators.
 */
export class FlushPolicy {
  readonly #limit: number;
  #assigned = false;
  #taped = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether to flush before a kernel call is recorded. */
  atKernel(pending: number): boolean {
    const isTaped = engine().state.gradientDepth > 0;
    const stepBegins = isTaped && this.#assigned;
    if (isTaped) this.#taped = true;
    return stepBegins || pending > this.#limit;
  }

  /** Whether to flush before data from JavaScript is taken in. */
  atWrite(pending: number): boolean {
    return !this.#taped && pending > inferenceOperators;
  }

  variableAssigned(): void {
    this.#assigned = true;
  }

  flushed(): void {
    this.#assigned = false;
    this.#taped = false;
  }
}
