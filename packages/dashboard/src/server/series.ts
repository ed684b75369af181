import type { SeriesPatch } from '../protocol.ts';

/** Buckets that a series holds at most; beyond, two become one. */
const mostBuckets = 2048;
/** Significant digits of a bucket that stands for several values: no screen shows more. */
const digits = 6;

/** Where a record stands. */
export interface Position {
  readonly step: number;
  readonly tokens: number;
  readonly ms: number;
}

/**
 * One curve in bounded memory: buckets of `width` steps, a power of two, with the last value and the extremes, so that no
 * spike is lost. While there are few steps a bucket holds one value, unchanged.
 */
export class Series {
  width = 1;
  readonly step: number[] = [];
  readonly #tokens: number[] = [];
  readonly #ms: number[] = [];
  readonly #last: number[] = [];
  readonly #min: number[] = [];
  readonly #max: number[] = [];
  readonly #most: number;

  constructor(most = mostBuckets) {
    this.#most = most;
  }

  get #columns() {
    return [this.step, this.#tokens, this.#ms, this.#last, this.#min, this.#max];
  }

  get lastStep(): number {
    return this.step.at(-1) ?? -1;
  }

  get lastValue(): number {
    return this.#last.at(-1) ?? Number.NaN;
  }

  /** @param position at or after the last one */
  push({ step, tokens, ms }: Position, value: number): void {
    const end = this.step.length - 1;
    if (end >= 0 && this.#bucket(this.step[end]!) === this.#bucket(step)) {
      [this.step[end], this.#tokens[end], this.#ms[end], this.#last[end]] = [step, tokens, ms, value];
      this.#min[end] = Math.min(this.#min[end]!, value);
      this.#max[end] = Math.max(this.#max[end]!, value);
      return;
    }
    this.step.push(step);
    this.#tokens.push(tokens);
    this.#ms.push(ms);
    for (const column of [this.#last, this.#min, this.#max]) column.push(value);
    while (this.step.length > this.#most) this.#widen();
  }

  /** Drops every bucket with a step from `step` on: a log that goes back begins there anew. */
  cutFrom(step: number): void {
    while (this.lastStep >= step) for (const column of this.#columns) column.pop();
  }

  /** The points from about step `from` on, in at most about `most` buckets for the whole series. */
  patch(most: number, from = 0): SeriesPatch {
    let width = this.width;
    const span = this.lastStep - (this.step[0] ?? 0);
    if (this.step.length > most) while (span / width > most) width *= 2;
    const start = Math.floor(Math.max(0, from) / width) * width;
    let index = this.step.length;
    while (index > 0 && this.step[index - 1]! >= start) index -= 1;
    const merged = new Series(Number.POSITIVE_INFINITY);
    merged.width = width;
    for (; index < this.step.length; index += 1) merged.#absorb(this, index);
    const round = width === 1 ? (values: number[]) => values : rounded;
    const min = round(merged.#min);
    const isSpread = merged.#min.some((value, at) => value !== merged.#max[at]);
    return {
      from: start,
      step: merged.step,
      tokens: merged.#tokens,
      ms: merged.#ms.map(Math.round),
      last: round(merged.#last),
      ...(isSpread ? { min, max: round(merged.#max) } : {}),
    };
  }

  #absorb(other: Series, index: number): void {
    const position = { step: other.step[index]!, tokens: other.#tokens[index]!, ms: other.#ms[index]! };
    for (const value of [other.#min[index]!, other.#max[index]!, other.#last[index]!]) this.push(position, value);
  }

  #bucket(step: number): number {
    return Math.floor(step / this.width);
  }

  #widen(): void {
    const old = this.#columns.map((column) => [...column]);
    this.width *= 2;
    for (const column of this.#columns) column.length = 0;
    const [step, tokens, ms, last, min, max] = old as [number[], number[], number[], number[], number[], number[]];
    for (let index = 0; index < step.length; index += 1) {
      const position = { step: step[index]!, tokens: tokens[index]!, ms: ms[index]! };
      for (const value of [min[index]!, max[index]!, last[index]!]) this.push(position, value);
    }
  }
}

function rounded(values: readonly number[]): number[] {
  return values.map((value) => Number(value.toPrecision(digits)));
}
