import type { Progress, ProgressLine } from '@dynact/command-line';
import type { TrainEvent } from '@dynact/training';

/** Shows the events of one run as a line of progress. */
export function showEvents(progress: Progress, name: string): (event: TrainEvent) => void {
  let line: ProgressLine | undefined;
  let loss = '';
  return (event) => {
    switch (event.kind) {
      case 'start':
        line = progress.line(name, event.steps, event.step);
        return;
      case 'record': {
        const { record } = event;
        if (record.kind === 'train') {
          loss = `loss ${record.loss.toFixed(3)}, ${Math.round(record.tokensPerSecond).toLocaleString('en')} tokens/s`;
          line?.update(record.step, loss);
        }
        if (record.kind === 'evaluation') {
          line?.update(record.step);
          line?.milestone(`validation perplexity ${record.metrics.perplexity?.toFixed(2)} at step ${record.step}`);
        }
        if (record.kind === 'sample')
          line?.milestone(`step ${record.step}: ${JSON.stringify(record.prompt + record.text)}`);
        if (record.kind === 'diverged') line?.milestone(`diverged at step ${record.step} (${record.parameter})`);
        return;
      }
      default:
        return;
    }
  };
}
