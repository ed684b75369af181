import { type Progress, type ProgressLine, printable } from '@dynact/command-line';
import type { TrainEvent } from '@dynact/training';

/** The steps of several runs together. */
export class TotalProgress {
  readonly #line: ProgressLine;
  #done: number;

  /** @param made the steps that each run has made before */
  constructor(progress: Progress, made: readonly number[], stepsOfRun: number) {
    this.#done = made.reduce((sum, steps) => sum + steps, 0);
    this.#line = progress.line(`all ${made.length} runs`, made.length * stepsOfRun, this.#done);
  }

  advance(steps: number): void {
    this.#done += steps;
    this.#line.update(this.#done);
  }
}

/** Knows how long steps take, and says once when one takes ten times as long. */
export class StepWatch {
  #hasSpoken = false;

  /** A watch over one run, whose first steps are slower than the others. @returns what to say of a step, if anything */
  overRun(): (step: number, milliseconds: number) => string | undefined {
    const taken: number[] = [];
    return (step, milliseconds) => {
      const middle = taken.toSorted((a, b) => a - b)[taken.length >> 1];
      const usual = taken.length < 5 ? Number.POSITIVE_INFINITY : middle!;
      if (taken.push(milliseconds) > 100) taken.shift();
      if (this.#hasSpoken || milliseconds < 10 * usual) return undefined;
      this.#hasSpoken = true;
      const seconds = (time: number) => `${Number((time / 1000).toPrecision(2))} s`;
      const what = `step ${step} took ${seconds(milliseconds)}, those before it ${seconds(usual)}`;
      return `${what}: something else uses this machine, or it was asleep`;
    };
  }
}

/** Shows the events of one run as a line of progress. */
export function showEvents(
  progress: Progress,
  name: string,
  { total, watch = new StepWatch() }: { readonly total?: TotalProgress; readonly watch?: StepWatch } = {},
): (event: TrainEvent) => void {
  let line: ProgressLine | undefined;
  let latest = 0;
  const slowness = watch.overRun();
  return (event) => {
    switch (event.kind) {
      case 'start':
        line = progress.line(name, event.steps, event.step);
        latest = event.step;
        return;
      case 'record': {
        const { record } = event;
        if (record.kind === 'train') {
          const speed = `${Math.round(record.tokensPerSecond).toLocaleString('en')} tokens/s`;
          line?.update(record.step, `loss ${record.loss.toFixed(3)}, ${speed}`);
          total?.advance(record.step - latest);
          latest = record.step;
          const slow = slowness(record.step, (1000 * record.tokens) / record.step / record.tokensPerSecond);
          if (slow !== undefined) line?.milestone(slow);
        }
        if (record.kind === 'evaluation') {
          line?.update(record.step);
          line?.milestone(`validation perplexity ${record.metrics.perplexity?.toFixed(2)} at step ${record.step}`);
        }
        if (record.kind === 'sample') {
          line?.milestone(`step ${record.step}: ${printable(JSON.stringify(record.prompt + record.text))}`);
        }
        if (record.kind === 'diverged') line?.milestone(`diverged at step ${record.step} (${record.parameter})`);
        return;
      }
      case 'exchanged': {
        const { exchangeMs, copyMs } = event.time;
        line?.milestone(
          `a step takes ${exchangeMs.toFixed(1)} ms to exchange gradients, ${copyMs.toFixed(1)} ms to copy them`,
        );
        return;
      }
      default:
        return;
    }
  };
}
