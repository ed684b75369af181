/** Is a gate of your own better than SwiGLU? `your-own-gate.ts letters.txt 200 7`: text, steps, seeds. */
import { fileURLToPath } from 'node:url';
import { compare } from '@dynact/api';
import { describeComparison } from '@dynact/comparison';

const [text = 'letters.txt', steps = '200', seeds = '7'] = process.argv.slice(2);
const comparison = await compare(text, {
  out: 'runs/own-gates', // called again with more seeds or variants, only what is missing is trained
  plugins: ['my-gate.ts', 'my-block.ts'].map((name) => fileURLToPath(new URL(name, import.meta.url))),
  variants: ['swiglu', 'my-gate', 'squared'], // the first is the baseline
  seeds: Array.from({ length: Number(seeds) }, (_, seed) => seed),
  steps: Number(steps),
  config: { dataset: { vocabSize: 512 }, model: { layers: 2, width: 64, heads: 2, context: 64 } },
});
console.log(describeComparison(comparison));
