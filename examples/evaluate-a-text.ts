/** How well does a run predict a text, and which words surprise it? `evaluate-a-text.ts runs/dear new.txt`. */
import { readFileSync } from 'node:fs';
import { loadRun } from '@dynact/api';
import * as tf from '@tensorflow/tfjs-core';

const [folder = 'runs/dear', file = 'new.txt'] = process.argv.slice(2);
const { model, tokenizer } = await loadRun(folder);
const tokens = tokenizer.encode(readFileSync(file, 'utf8'));
const { context } = model.config;

// Windows side by side; each predicts the token after each of its own.
const surprises: { text: string; nats: number }[] = [];
for (let start = 0; start + 1 < tokens.length; start += context) {
  const window = tokens.slice(start, start + context + 1);
  const [inputs, targets] = [window.slice(0, -1), window.slice(1)];
  const losses = tf.tidy(() =>
    model.tokenLosses(tf.tensor2d([inputs], undefined, 'int32'), tf.tensor2d([targets], undefined, 'int32')),
  );
  const nats = await losses.data();
  losses.dispose();
  for (const [index, token] of targets.entries())
    surprises.push({
      text: tokenizer.decode([...inputs.slice(Math.max(0, index - 4), index + 1), token]),
      nats: nats[index]!,
    });
}

const total = surprises.reduce((sum, { nats }) => sum + nats, 0);
const bytes = tokens.slice(1).reduce((sum, token) => sum + tokenizer.byteLength(token), 0);
console.log(`${surprises.length} tokens, ${(total / surprises.length).toFixed(4)} nats a token`);
console.log(
  `perplexity ${Math.exp(total / surprises.length).toFixed(2)}, ${(total / Math.LN2 / bytes).toFixed(3)} bits per byte`,
);
console.log('least expected, the last piece of each:');
for (const { text, nats } of surprises.toSorted((a, b) => b.nats - a.nats).slice(0, 5))
  console.log(`  ${nats.toFixed(1)} nats  ${JSON.stringify(text)}`);
