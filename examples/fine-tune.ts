/** Goes on from a run's weights on another text: `fine-tune.ts runs/dear walks.txt 100`. */
import { sample, train } from '@dynact/api';

const [from = 'runs/dear', text = 'walks.txt', steps = '100'] = process.argv.slice(2);
const run = await train(text, {
  from, // its weights, and with them its model and its vocabulary
  out: 'runs/fine-tuned',
  steps: Number(steps),
  learningRate: 0.001, // below that of the first run, so that what it learned stays
  onEvent: (event) => {
    if (event.kind === 'record' && event.record.kind === 'evaluation')
      console.log(`step ${event.record.step}: ${event.record.loss.toFixed(3)} nats a token`);
  },
});
console.log(await sample(run, 'Dear', { maxTokens: 40 }));
