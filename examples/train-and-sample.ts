/** A text of your own in, a run and a sentence out. */
import { sample, train } from '@dynact/api';

const [text = 'letters.txt', steps = '200'] = process.argv.slice(2);
const run = await train(text, {
  out: 'runs/letters', // called again, it goes on with what is there, or returns it
  steps: Number(steps),
  feedForward: 'dynactglu',
  config: { dataset: { vocabSize: 512 }, model: { layers: 2, width: 64, heads: 2, context: 64 } },
});
console.log(`perplexity ${run.summary.final?.metrics.perplexity?.toFixed(1)}: ${run.directory}`);
console.log(await sample(run, 'Dear', { maxTokens: 40 }));
