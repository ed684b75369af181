/** A text of your own in, a run and a sentence out. */
import { sample, train } from '@dynact/api';

const [text = 'letters.txt', steps = '200'] = process.argv.slice(2);
const run = await train(text, {
  out: 'runs/dear', // called again, it goes on with what is there, or returns it
  steps: Number(steps),
  feedForward: 'dynactglu',
  preset: 'nano', // the smallest one; `dynact presets` has all, and `config` whatever a file can say
});
console.log(`perplexity ${run.summary.final?.metrics.perplexity?.toFixed(1)}: ${run.directory}`);
console.log(await sample(run, 'Dear', { maxTokens: 40 }));
