/** Goes on from a run's weights on another text: `fine-tune.ts runs/letters walks.txt 100`. */
import { resolve } from 'node:path';
import { loadRun, sample, train } from '@dynact/api';

const [from = 'runs/letters', text = 'walks.txt', steps = '100'] = process.argv.slice(2);
// The new run has the model and the vocabulary of the old one.
const { config, model } = await loadRun(from);
model.dispose();
const run = await train(text, {
  out: 'runs/fine-tuned',
  steps: Number(steps),
  learningRate: 0.001, // below that of the first run, so that what it learned stays
  config: { dataset: config.dataset, model: config.model, training: { from: resolve(from) } },
  onEvent: (event) => {
    if (event.kind === 'record' && event.record.kind === 'evaluation')
      console.log(`step ${event.record.step}: ${event.record.loss.toFixed(3)} nats a token`);
  },
});
console.log(await sample(run, 'Dear', { maxTokens: 40 }));
