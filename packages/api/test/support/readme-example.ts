import { loadRun, sample, train } from '@dynact/api';

const run = await train('letters.txt', {
  out: 'runs/letters',
  steps: 60,
  feedForward: 'dynactglu',
  preset: 'nano', // or `config`, as a file has it
  onEvent: (event) => {
    if (event.kind === 'record' && event.record.kind === 'evaluation')
      console.log(event.record.step, event.record.loss);
  },
});
console.log(run.summary.final?.metrics.perplexity);
console.log(await sample(run, 'Dear', { maxTokens: 20, temperature: 0 }));
const { model } = await loadRun('runs/letters'); // a Gpt of @dynact/transformer: logits, parameters
console.log(model.parameters.length);
