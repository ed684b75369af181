/** Compares in the working folder, twice, and lets the second variant write; prints a JSON document. */
import { readFileSync, writeFileSync } from 'node:fs';
import { compare, sample } from '@dynact/api';

const options = {
  out: 'runs/gates',
  steps: 8,
  variants: ['swiglu', 'small-gate'],
  seeds: [0, 1],
  plugins: ['small-gate.ts'],
  config: {
    dataset: { vocabSize: 300 },
    model: { layers: 1, width: 16, heads: 2, context: 16 },
    training: { batchSize: 4, evaluation: { batches: 2 } },
    backend: { threads: 1 },
  },
};
const started = new Set<string>();
const onEvent = (name: string) => started.add(name);
const comparison = await compare('letters.txt', { ...options, onEvent });
const first = [...started].sort();
started.clear();
const again = await compare('letters.txt', { ...options, onEvent });
const sampling = { maxTokens: 5, temperature: 0, plugins: options.plugins };
const text = await sample('runs/gates/small-gate-seed-1', 'the', sampling);
const refused = await sample('runs/gates/swiglu-seed-0', 'the', { temperature: -1 }).catch((error) => error);
const named = refused instanceof Error ? `${refused.name}: ${refused.message}` : refused;
writeFileSync('other-gate.ts', readFileSync('small-gate.ts', 'utf8').replaceAll('small-gate', 'other-gate'));
const variants = ['swiglu', 'other-gate'];
const other = { ...options, out: 'runs/other', seeds: [0], steps: 2, variants };
await compare('letters.txt', { ...other, plugins: ['other-gate.ts'] });
const config = JSON.parse(readFileSync('runs/other/other-gate-seed-0/config.json', 'utf8'));
Object.assign(config.plugins[0], { sha256: 'a'.repeat(64), codeSha256: 'b'.repeat(64) });
writeFileSync('runs/other/other-gate-seed-0/config.json', JSON.stringify(config));
const changed = await compare('letters.txt', { ...other, plugins: ['other-gate.ts'] }).catch((error) => error.message);
console.log(JSON.stringify({ changed, comparison, again, first, later: [...started], text, refused: named }));
