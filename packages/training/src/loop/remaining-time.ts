/** Estimates the time that a run still takes from the time it took so far, recent steps counting most. */
export class RemainingTime {
  readonly #steps: number;
  #step: number;
  #at: number;
  #perStep = 0;
  /** The first step compiles, so it says little of the others. */
  #measured = 0;

  constructor(steps: number, step: number, now: number) {
    this.#steps = steps;
    this.#step = step;
    this.#at = now;
  }

  /** @param now milliseconds, of any clock that only goes forward @returns milliseconds to the last step */
  after(step: number, now: number): number {
    const perStep = (now - this.#at) / (step - this.#step);
    this.#perStep = this.#measured < 2 ? perStep : 0.95 * this.#perStep + 0.05 * perStep;
    this.#measured++;
    this.#step = step;
    this.#at = now;
    return this.#perStep * (this.#steps - step);
  }
}
