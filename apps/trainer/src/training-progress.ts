import { type Progress, type ProgressLine, printable } from '@dynact/command-line';
import type { TrainEvent } from '@dynact/training';

/** The steps of several runs together. */
export class TotalProgress {
  readonly #line: ProgressLine;
  #done = 0;

  constructor(progress: Progress, runs: number, stepsOfRun: number) {
    this.#line = progress.line(`all ${runs} runs`, runs * stepsOfRun);
  }

  advance(steps: number): void {
    this.#done += steps;
    this.#line.update(this.#done);
  }
}

/** Shows the events of one run as a line of progress. */
export function showEvents(progress: Progress, name: string, total?: TotalProgress): (event: TrainEvent) => void {
  let line: ProgressLine | undefined;
  let latest = 0;
  return (event) => {
    switch (event.kind) {
      case 'start':
        line = progress.line(name, event.steps, event.step);
        total?.advance(event.step);
        latest = event.step;
        return;
      case 'record': {
        const { record } = event;
        if (record.kind === 'train') {
          const speed = `${Math.round(record.tokensPerSecond).toLocaleString('en')} tokens/s`;
          line?.update(record.step, `loss ${record.loss.toFixed(3)}, ${speed}`);
          total?.advance(record.step - latest);
          latest = record.step;
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
        const { exchange, copy } = event.time;
        line?.milestone(
          `a step takes ${exchange.toFixed(1)} ms to exchange gradients, ${copy.toFixed(1)} ms to copy them`,
        );
        return;
      }
      default:
        return;
    }
  };
}
